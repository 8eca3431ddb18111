namespace Millrace.Cli.CloudEvents;

/// <summary>What became of the lines of a file.</summary>
internal sealed class ImportCounts
{
    public long Imported { get; set; }

    /// <summary>What stood there already.</summary>
    public long Skipped { get; set; }

    /// <summary>Streams deleted or closed.</summary>
    public long Removals { get; set; }

    public void Add(bool wasRepeated)
    {
        if (wasRepeated)
            Skipped++;
        else
            Imported++;
    }
}
