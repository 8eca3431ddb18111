using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>
/// The recorded shards of keys in the home shard, a document for each key. A key stays in its shard, so that the
/// assignments that a node has read remain valid while the home shard is not available.
/// </summary>
internal sealed class ShardAssignments(EventStore home)
{
    private const string Name = "shard-assignments";
    private const string ShardField = "shard";
    private const string RemovedField = "isRemoved";
    private const int PageKeys = 1_000;

    private static readonly CollectionDefinition Collection = new(
        Name, [new FieldDefinition(ShardField, FieldKind.Text), new FieldDefinition(RemovedField, FieldKind.Integer)]);

    private readonly ConcurrentDictionary<string, ShardId> _known = new(StringComparer.Ordinal);

    public async ValueTask Ensure(CancellationToken cancellationToken) =>
        await home.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the shard of a key that this node has read before; null if it has not.</summary>
    public ShardId? FindKnown(string key) => _known.TryGetValue(key, out var shard) ? shard : null;

    /// <summary>Returns the shard of a key; null if the key has none.</summary>
    public async ValueTask<ShardId?> Find(string key, CancellationToken cancellationToken)
    {
        if (FindKnown(key) is { } known)
            return known;
        var document = await home.Storage.Documents.Get(Name, key, cancellationToken).ConfigureAwait(false);
        return document is null ? null : _known[key] = Read(document).Shard;
    }

    /// <summary>Records the shard of a key, unless it has one. Returns the recorded shard.</summary>
    public async ValueTask<ShardId> Assign(string key, ShardId shard, CancellationToken cancellationToken)
    {
        var change = Change(key, new ShardAssignment(shard), fromVersion: 0);
        var outcome = await home
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is null)
            return _known[key] = shard;
        if (outcome.Refusal is not DocumentConflictException)
            throw outcome.Refusal;
        return await Find(key, cancellationToken).ConfigureAwait(false) ?? throw outcome.Refusal;
    }

    /// <summary>Records that the data of a key was removed. The key keeps its shard.</summary>
    public async ValueTask MarkRemoved(string key, ShardId shard, CancellationToken cancellationToken)
    {
        var removed = Change(key, new ShardAssignment(shard, home.Time.GetUtcNow()), fromVersion: null);
        await home.Commit(new CommitRequest { Documents = [removed] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Returns the keys whose data was not removed, in the order of their names.</summary>
    public async ValueTask<IReadOnlyList<string>> List(CancellationToken cancellationToken)
    {
        var keys = new List<string>();
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions = [new FieldCondition(RemovedField, Comparison.Equal, false)],
            Limit = PageKeys,
        };
        DocumentPage page;
        do
        {
            page = await home.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents)
            {
                keys.Add(document.Key);
                _known[document.Key] = Read(document).Shard;
            }
            query = query with { After = page.Next };
        }
        while (page.Next is not null);
        return keys;
    }

    /// <summary>Returns the number of keys in a shard whose data was not removed.</summary>
    public ValueTask<long> Count(ShardId shard, CancellationToken cancellationToken) => home.Storage.Documents.Count(
        Name,
        [
            new FieldCondition(ShardField, Comparison.Equal, shard.Value),
            new FieldCondition(RemovedField, Comparison.Equal, false),
        ],
        cancellationToken);

    private static DocumentChange Change(string key, ShardAssignment assignment, long? fromVersion) => new()
    {
        Collection = Name,
        Key = key,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(assignment, ShardingJson.Default.ShardAssignment),
        Fields = [assignment.Shard.Value, assignment.RemovedAt is not null],
    };

    private static ShardAssignment Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, ShardingJson.Default.ShardAssignment)!; // Never null.
}
