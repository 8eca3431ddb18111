using Millrace.Materializing;
using Millrace.Storage;

namespace Millrace.Tests.Materializing;

/// <summary>Tests the number of rows in the status of an immediate view.</summary>
public sealed class RowCountTests
{
    [Theory]
    [StoreKinds]
    public async Task Rows_are_counted_up_to_a_limit(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        await store.Storage.Documents.EnsureCollection(new CollectionDefinition("rows@1", []), CancellationToken.None);
        var counter = new RowCounter(store.Storage.Documents);

        var missing = await counter.Count("none@1", CancellationToken.None);
        var empty = await counter.Count("rows@1", CancellationToken.None);
        await Write(store, 0, RowCounter.MaxRows);
        var full = await counter.Count("rows@1", CancellationToken.None);
        await Write(store, RowCounter.MaxRows, 1);
        var more = await counter.Count("rows@1", CancellationToken.None);

        Assert.Equal((0, false), missing);
        Assert.Equal((0, false), empty);
        Assert.Equal((RowCounter.MaxRows, false), full);
        Assert.Equal((RowCounter.MaxRows, true), more);
    }

    private static Task<CommitOutcome> Write(EventStore store, int from, int count)
    {
        var body = "{}"u8.ToArray();
        var rows = Enumerable.Range(from, count).Select(i => new DocumentChange
        {
            Collection = "rows@1",
            Key = $"{i}",
            Body = body,
            IsKnownNew = true,
        });
        return store.Commit(new CommitRequest { Documents = [.. rows] }, isBackground: false, CancellationToken.None);
    }
}
