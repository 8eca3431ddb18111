namespace Millrace.Cli.CloudEvents;

/// <summary>The results of the lines of a file.</summary>
internal sealed class ImportCounts
{
    public long Imported { get; set; }

    /// <summary>The number of events that were already in the store.</summary>
    public long Skipped { get; set; }

    /// <summary>The number of streams that were deleted or closed.</summary>
    public long Removals { get; set; }

    public void Add(bool wasRepeated)
    {
        if (wasRepeated)
            Skipped++;
        else
            Imported++;
    }
}
