using System.Globalization;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>A collection with rows from an earlier version, and the expected outcome.</summary>
/// <param name="Keys">The current keys.</param>
/// <param name="IsBuiltAnew">True when the text of the type has changed.</param>
/// <param name="Filler">The format of keys that sort before the others and are not in the log.</param>
/// <param name="Former">The text that earlier versions gave the keys.</param>
internal sealed record LegacyKeySet(KeySet Keys, bool IsBuiltAnew, string Filler, params string[] Former)
{
    /// <summary>The number of preceding keys: more than a node inspects at its start.</summary>
    public const int Fillers = 10_001;

    private static readonly byte[] Body = """{"ship":"","crates":0,"changes":1,"last":0}"""u8.ToArray();

    private string Collection => Keys.Definition.Collection;

    /// <summary>Writes the documents and a checkpoint. The catalogue names no coding of the keys, as in earlier
    /// versions.</summary>
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

    /// <summary>Checks that the documents match the log, or that they are the former documents with the new
    /// events.</summary>
    public async Task Verify(
        TestNode node, IReadOnlyList<int> before, IReadOnlyList<int> since, ConsistencyToken token)
    {
        if (IsBuiltAnew)
        {
            await Keys.Verify(node, [.. before, .. since], token);
            return;
        }
        await node.WaitUntil(Collection, status => status.Checkpoint >= token.Position);
        var documents = node.Store.Storage.Documents;
        Assert.Equal(Fillers + Former.Length, await documents.Count(Collection, [], CancellationToken.None));
        var bodies = (await documents.GetMany(Collection, Former, CancellationToken.None)).Select(one => one.Body);
        var changes = bodies.Sum(body => JsonSerializer.Deserialize(body.Span, HarbourJson.Default.Cargo)!.Changes);
        Assert.Equal(Former.Length + since.Count, changes);
    }

    /// <summary>Returns the versions of all documents; a rebuild changes them.</summary>
    public async Task<IReadOnlyList<(string Key, long Version)>> Versions(IStorage storage)
    {
        var query = new DocumentQuery { Collection = Collection, Limit = Fillers + KeySet.Size };
        var page = await storage.Documents.Query(query, CancellationToken.None);
        return [.. page.Documents.Select(one => (one.Key, one.Version))];
    }
}
