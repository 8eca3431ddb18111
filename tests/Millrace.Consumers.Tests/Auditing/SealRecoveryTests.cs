using Millrace.Auditing.Sealing;
using Millrace.Storage;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that a log is sealed after a restore whose rows are older than its events.</summary>
public sealed class SealRecoveryTests : IDisposable
{
    private readonly SealKeys _keys = new();

    public void Dispose()
    {
        _keys.Dispose();
    }

    [Fact]
    public async Task Older_stored_hashes_are_rebuilt_from_the_log()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        using var signer = SealSigner.Load(_keys.Key, null);
        await using var store = await EventStore.Open(shared.Open(), EventTypeMap.Empty);
        await SealedLog.Append(store, 300);
        await SealedLog.Seal(store, signer);
        var older = await Documents(store);
        await store.Truncate(new StreamId("ship-1"), 4, "not needed", "ada");
        await SealedLog.Append(store, 500);
        await SealedLog.Seal(store, signer);
        await SealedLog.Append(store, 30);
        await SealedLog.Seal(store, signer);
        var newer = await Documents(store);

        await Write(store, older);
        await SealedLog.Seal(store, signer); // Nothing is sealed, but the hashes are rebuilt.
        var rebuilt = await Documents(store);
        await SealedLog.Append(store, 6);
        await SealedLog.Seal(store, signer);
        await SealedLog.WriteAnchors(store, _keys.Anchors);
        var report = await SealedLog.Verify(shared.Open(), _keys.Evidence());

        Assert.NotEqual(older.Count, newer.Count);
        Assert.Equal(newer.Select(Text), rebuilt.Select(Text));
        Assert.Equal([], report.Findings);
        Assert.Equal(4, report.Seals);
    }

    private static async Task<IReadOnlyList<Document>> Documents(EventStore store) =>
        (await store.Storage.Documents.Query(
            new DocumentQuery { Collection = SealStore.CollectionName, Limit = 1_000 }, default)).Documents;

    /// <summary>Replaces all documents, as a restore does.</summary>
    private static async Task Write(EventStore store, IReadOnlyList<Document> documents)
    {
        var removed = (await Documents(store)).Select(document => new DocumentChange
        {
            Collection = SealStore.CollectionName,
            Key = document.Key,
        });
        await store.Commit(new CommitRequest { Documents = [.. removed] }, isBackground: false, default);
        var written = documents.Select(document => new DocumentChange
        {
            Collection = SealStore.CollectionName,
            Key = document.Key,
            Body = document.Body,
        });
        await store.Commit(new CommitRequest { Documents = [.. written] }, isBackground: false, default);
    }

    private static string Text(Document document) => $"{document.Key}: {Convert.ToHexString(document.Body.Span)}";
}
