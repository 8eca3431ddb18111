namespace Millrace.Benchmarks.Storages;

/// <summary>Reads by hand, decoding with System.Text.Json and generated metadata.</summary>
internal interface IRawReader : IAsyncDisposable
{
    /// <summary>Reads and decodes the whole log by one statement, and returns how many events there were.</summary>
    ValueTask<long> Scan(Action<long, LineAdded> handle);

    /// <summary>Reads, decodes, folds by key in memory, and writes every key's document in one transaction.</summary>
    ValueTask<long> Rebuild();
}
