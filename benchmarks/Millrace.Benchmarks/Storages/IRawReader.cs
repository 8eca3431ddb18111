namespace Millrace.Benchmarks.Storages;

/// <summary>Hand-written reads, decoded with System.Text.Json and generated metadata.</summary>
internal interface IRawReader : IAsyncDisposable
{
    /// <summary>Reads and decodes the whole log with one statement, and returns the number of events.</summary>
    ValueTask<long> Scan(Action<long, LineAdded> handle);

    /// <summary>Reads, decodes, folds by key in memory, and writes every document in one transaction.</summary>
    ValueTask<long> Rebuild();
}
