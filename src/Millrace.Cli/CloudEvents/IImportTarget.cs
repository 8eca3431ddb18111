namespace Millrace.Cli.CloudEvents;

/// <summary>Receives the lines of a file in order. Disposing ends the import, also after a failure.</summary>
internal interface IImportTarget : IAsyncDisposable
{
    ImportCounts Counts { get; }

    /// <exception cref="ImportException">The line cannot be imported into the store.</exception>
    ValueTask Add(ImportedEvent line, CancellationToken cancellationToken);

    /// <summary>Writes the pending lines.</summary>
    ValueTask Flush(CancellationToken cancellationToken);
}
