using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>Reads and writes the documents of the shards in one store.</summary>
internal sealed class ShardDocuments(EventStore store)
{
    /// <summary>The collection with the fence of the store, and in the home shard also the map.</summary>
    public const string Name = "shards";

    private const string FenceKey = "fence";
    private const string MapKey = "map";

    private static readonly CollectionDefinition Collection = new(Name, []);

    /// <summary>Returns whether a store is a shard; the store of another application is not changed.</summary>
    public ValueTask<bool> Exist(CancellationToken cancellationToken) =>
        store.Storage.Documents.HasCollection(Name, cancellationToken);

    public async ValueTask Ensure(CancellationToken cancellationToken) =>
        await store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);

    public ValueTask<(ShardFence? Value, long Version)> ReadFence(CancellationToken cancellationToken) =>
        Read(FenceKey, ShardingJson.Default.ShardFence, cancellationToken);

    /// <summary>Returns the fence of a store that may not be a shard; null if there is none.</summary>
    public async ValueTask<ShardFence?> FindFence(CancellationToken cancellationToken) =>
        await Exist(cancellationToken).ConfigureAwait(false)
            ? (await ReadFence(cancellationToken).ConfigureAwait(false)).Value
            : null;

    public ValueTask<(StoredShardMap? Value, long Version)> ReadMap(CancellationToken cancellationToken) =>
        Read(MapKey, ShardingJson.Default.StoredShardMap, cancellationToken);

    /// <summary>Writes the first map together with the fence of the home shard. Returns false if one exists.</summary>
    public ValueTask<bool> TryWriteFirst(
        ShardMap map, ShardFence fence, CancellationToken cancellationToken) => TryWrite(
            [
                Change(MapKey, new StoredShardMap(map), ShardingJson.Default.StoredShardMap, fromVersion: 0),
                Change(FenceKey, fence, ShardingJson.Default.ShardFence, fromVersion: 0),
            ],
            cancellationToken);

    /// <summary>Writes the fence. Returns false if it has changed since it was read.</summary>
    /// <param name="fence">The fence.</param>
    /// <param name="fromVersion">The version of the document; 0 if the store has no fence.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask<bool> TryWriteFence(ShardFence fence, long fromVersion, CancellationToken cancellationToken) =>
        TryWrite([Change(FenceKey, fence, ShardingJson.Default.ShardFence, fromVersion)], cancellationToken);

    /// <summary>
    /// Writes the catalog, and the fence of the home shard if it is given. Returns false if the catalog has changed
    /// since it was read.
    /// </summary>
    public ValueTask<bool> TryWriteMap(
        StoredShardMap map, long fromVersion, ShardFence? fence, CancellationToken cancellationToken)
    {
        var change = Change(MapKey, map, ShardingJson.Default.StoredShardMap, fromVersion);
        return TryWrite(
            fence is null ? [change] : [change, Change(FenceKey, fence, ShardingJson.Default.ShardFence, null)],
            cancellationToken);
    }

    private static DocumentChange Change<T>(string key, T value, JsonTypeInfo<T> json, long? fromVersion) => new()
    {
        Collection = Name,
        Key = key,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(value, json),
    };

    private async ValueTask<(T? Value, long Version)> Read<T>(
        string key, JsonTypeInfo<T> json, CancellationToken cancellationToken)
        where T : class
    {
        var document = await store.Storage.Documents.Get(Name, key, cancellationToken).ConfigureAwait(false);
        return document is null ? (null, 0) : (JsonSerializer.Deserialize(document.Body.Span, json), document.Version);
    }

    private async ValueTask<bool> TryWrite(DocumentChange[] changes, CancellationToken cancellationToken)
    {
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = changes }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.Refusal is null or DocumentConflictException ? outcome.Refusal is null : throw outcome.Refusal;
    }
}
