using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>
/// The recorded shards of keys in the home shard, a document for each key. A key stays in its shard until it is moved
/// explicitly, so that the assignments that a node has read remain valid while the home shard is not available.
/// </summary>
internal sealed class ShardAssignments(EventStore home)
{
    private const string Name = "shard-assignments";
    private const string ShardField = "shard";
    private const string RemovedField = "isRemoved";
    private const int PageKeys = 1_000;

    private static readonly CollectionDefinition Collection = new(
        Name, [new FieldDefinition(ShardField, FieldKind.Text), new FieldDefinition(RemovedField, FieldKind.Integer)]);

    private readonly ConcurrentDictionary<string, ShardAssignment> _known = new(StringComparer.Ordinal);

    public async ValueTask Ensure(CancellationToken cancellationToken) =>
        await home.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the assignment of a key that this node has read before; null if it has not.</summary>
    public ShardAssignment? FindKnown(string key) => _known.TryGetValue(key, out var known) ? known : null;

    /// <summary>Returns the assignment of a key; null if the key has none.</summary>
    public async ValueTask<ShardAssignment?> Find(string key, CancellationToken cancellationToken) =>
        FindKnown(key) ?? await Refresh(key, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the assignment of a key again; null if the key has none.</summary>
    public async ValueTask<ShardAssignment?> Refresh(string key, CancellationToken cancellationToken) =>
        (await Read(key, cancellationToken).ConfigureAwait(false)).Assignment;

    /// <summary>Reads the assignment of a key with the version of its document; null and 0 if it has none.</summary>
    public async ValueTask<(ShardAssignment? Assignment, long Version)> Read(
        string key, CancellationToken cancellationToken)
    {
        var document = await home.Storage.Documents.Get(Name, key, cancellationToken).ConfigureAwait(false);
        return document is null ? (null, 0) : (Accept(key, Read(document)), document.Version);
    }

    /// <summary>Records the shard of a key, unless it has one. Returns the recorded assignment.</summary>
    public async ValueTask<ShardAssignment> Assign(string key, ShardId shard, CancellationToken cancellationToken)
    {
        var assignment = new ShardAssignment(shard);
        var refusal = await TryWrite([Change(key, assignment, fromVersion: 0)], cancellationToken)
            .ConfigureAwait(false);
        return refusal is null
            ? Accept(key, assignment)
            : await Find(key, cancellationToken).ConfigureAwait(false) ?? throw refusal;
    }

    /// <summary>
    /// Changes the assignment of a key, and another document in the same commit. Returns false if one of them has
    /// changed since it was read.
    /// </summary>
    public async ValueTask<bool> TryChange(
        string key,
        ShardAssignment assignment,
        long fromVersion,
        DocumentChange? other,
        CancellationToken cancellationToken)
    {
        var change = Change(key, assignment, fromVersion);
        DocumentChange[] changes = other is null ? [change] : [change, other];
        if (await TryWrite(changes, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        Accept(key, assignment);
        return true;
    }

    /// <summary>Records that the data of a key was removed. The key keeps its shard.</summary>
    public async ValueTask MarkRemoved(string key, ShardAssignment assignment, CancellationToken cancellationToken)
    {
        var ended = assignment with { RemovedAt = home.Time.GetUtcNow(), IsRemoving = false };
        var removed = Change(key, ended, fromVersion: null);
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
        await foreach (var document in home.Storage.Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
        {
            keys.Add(document.Key);
            Accept(document.Key, Read(document));
        }
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

    /// <summary>Keeps the assignment with the latest move.</summary>
    private ShardAssignment Accept(string key, ShardAssignment read) => _known.AddOrUpdate(
        key, read, (_, known) => known.Generation > read.Generation ? known : read);

    /// <summary>Writes documents. Returns the refusal if one of them has changed since it was read.</summary>
    private async ValueTask<DocumentConflictException?> TryWrite(
        DocumentChange[] changes, CancellationToken cancellationToken)
    {
        var outcome = await home
            .TryCommit(new CommitRequest { Documents = changes }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.Refusal is null or DocumentConflictException
            ? (DocumentConflictException?)outcome.Refusal
            : throw outcome.Refusal;
    }

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
