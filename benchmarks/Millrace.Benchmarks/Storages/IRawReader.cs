namespace Millrace.Benchmarks.Storages;

/// <summary>Hand-written reads, which decode events with System.Text.Json and generated metadata.</summary>
internal interface IRawReader : IAsyncDisposable
{
    /// <summary>Reads and decodes the complete log with one statement. Returns the number of events.</summary>
    ValueTask<long> Scan(Action<long, LineAdded> handle);

    /// <summary>
    /// Reads and decodes the log, folds the events by key in memory, and writes all documents in one transaction.
    /// </summary>
    ValueTask<long> Rebuild();
}
