namespace Millrace.Benchmarks.Storages;

/// <summary>Writes rows by hand, each known by an id, in a table of its own beside the store.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>Writes rows in one durable transaction; those that are there already stay as they are.</summary>
    ValueTask Write(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Body)> rows);
}
