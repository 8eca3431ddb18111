namespace Millrace.Cli.CloudEvents;

/// <summary>Receives the lines of a file in order.</summary>
internal interface IImportTarget
{
    ImportCounts Counts { get; }

    /// <exception cref="ImportException">The line cannot be imported into the store.</exception>
    ValueTask Add(ImportedEvent line, CancellationToken cancellationToken);

    /// <summary>Writes the pending lines.</summary>
    ValueTask Flush(CancellationToken cancellationToken);

    /// <summary>Ends the import, also after a failure.</summary>
    ValueTask End();
}
