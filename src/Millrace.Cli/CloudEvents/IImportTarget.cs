namespace Millrace.Cli.CloudEvents;

/// <summary>Takes the lines of a file, in their order.</summary>
internal interface IImportTarget
{
    ImportCounts Counts { get; }

    /// <exception cref="ImportException">The line does not fit the store.</exception>
    ValueTask Add(ImportedEvent line, CancellationToken cancellationToken);

    /// <summary>Ends what was begun.</summary>
    ValueTask Flush(CancellationToken cancellationToken);
}
