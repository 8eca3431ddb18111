namespace Millrace.Benchmarks.Storages;

/// <summary>Writes rows, each with an id, in a separate table beside the store.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>Writes rows in one durable transaction; existing rows do not change.</summary>
    ValueTask Write(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Body)> rows);
}
