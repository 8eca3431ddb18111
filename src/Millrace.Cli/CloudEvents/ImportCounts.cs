namespace Millrace.Cli.CloudEvents;

/// <summary>The numbers of lines of a file that were imported or skipped.</summary>
internal sealed class ImportCounts
{
    public long Imported { get; set; }

    /// <summary>Gets or sets the number of events that were already in the store.</summary>
    public long Skipped { get; set; }

    /// <summary>Gets or sets the number of streams that were deleted or closed.</summary>
    public long Removals { get; set; }

    public void Add(bool wasRepeated)
    {
        if (wasRepeated)
            Skipped++;
        else
            Imported++;
    }
}
