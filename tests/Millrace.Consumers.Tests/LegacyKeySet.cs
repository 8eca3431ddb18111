using System.Globalization;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>A collection with documents of an earlier version, and the expected result.</summary>
/// <param name="Keys">The current keys.</param>
/// <param name="IsRebuilt">Whether the collection is rebuilt, because the key text of the type has changed.</param>
/// <param name="Filler">The format of additional keys, which sort before the others and are not in the log.</param>
/// <param name="Former">The texts of the keys in earlier versions.</param>
internal sealed record LegacyKeySet(KeySet Keys, bool IsRebuilt, string Filler, params string[] Former)
{
    /// <summary>
    /// The number of additional keys. It is higher than the number of keys that a node inspects at its start.
    /// </summary>
    public const int Fillers = 10_001;

    private static readonly byte[] Body = """{"ship":"","crates":0,"changes":1,"last":0}"""u8.ToArray();

    private string Collection => Keys.Definition.Collection;

    /// <summary>
    /// Writes the documents and a checkpoint. As in earlier versions, the catalogue contains no coding of the keys.
    /// </summary>
    public async Task Write(IStorage storage, long checkpoint)
    {
        var now = TimeProvider.System.GetUtcNow();
        await storage.Documents.EnsureCollection(new CollectionDefinition(Collection, []), CancellationToken.None);
        var lease = await storage.Leases.Acquire(
            Collection, 0, "earlier", TimeSpan.FromMinutes(1), now, CancellationToken.None);
        var fillers = Enumerable.Range(0, Fillers).Select(i => string.Format(CultureInfo.InvariantCulture, Filler, i));
        var document = new DocumentChange { Collection = Collection, Key = "", Body = Body, Position = checkpoint };
        var request = new CommitRequest
        {
            Documents = [.. fillers.Concat(Former).Select(key => document with { Key = key })],
            Checkpoint = new CheckpointMove(Collection, 0, lease.LeaseEpoch, null, checkpoint),
        };
        var outcomes = await storage.Log.Commit([request], now, CancellationToken.None);
        Assert.Equal(CommitResult.Committed, outcomes[0].Result);
        await storage.Leases.Release(Collection, 0, lease.LeaseEpoch, CancellationToken.None);
    }

    /// <summary>
    /// Checks that a rebuilt collection matches the log, or that another collection has its former documents and the
    /// new events.
    /// </summary>
    public async Task Verify(
        TestNode node, IReadOnlyList<int> before, IReadOnlyList<int> after, ConsistencyToken token)
    {
        if (IsRebuilt)
        {
            await Keys.Verify(node, [.. before, .. after], token);
            return;
        }
        await node.WaitUntil(Collection, status => status.Checkpoint >= token.Position);
        var documents = node.Store.Storage.Documents;
        Assert.Equal(Fillers + Former.Length, await documents.Count(Collection, [], CancellationToken.None));
        var bodies = (await documents.GetMany(Collection, Former, CancellationToken.None)).Select(found => found.Body);
        var changes = bodies.Sum(body => JsonSerializer.Deserialize(body.Span, HarbourJson.Default.Cargo)!.Changes);
        Assert.Equal(Former.Length + after.Count, changes);
    }

    /// <summary>Returns the versions of all documents. A rebuild changes these versions.</summary>
    public async Task<IReadOnlyList<(string Key, long Version)>> Versions(IStorage storage)
    {
        var query = new DocumentQuery { Collection = Collection, Limit = Fillers + KeySet.Size };
        var page = await storage.Documents.Query(query, CancellationToken.None);
        return [.. page.Documents.Select(document => (document.Key, document.Version))];
    }
}
