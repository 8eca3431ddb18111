namespace Millrace.Benchmarks.Storages;

/// <summary>Writes rows with an id and a body to a table outside the tables of the store.</summary>
internal interface IRowWriter : IAsyncDisposable
{
    /// <summary>Writes rows in one durable transaction. Existing rows do not change.</summary>
    ValueTask Write(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Body)> rows);
}
