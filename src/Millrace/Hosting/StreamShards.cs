using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Sharding;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>The shards of an application whose streams are in several shards, with their consumers.</summary>
internal sealed class StreamShards : IShardStores, IReadModelShards, IStoreService
{
    private readonly IReadOnlyList<(ShardId Shard, ShardRuntime Runtime)> _runtimes;

    public StreamShards(
        ShardSet shards, IReadOnlyList<(ShardId Shard, ShardRuntime Runtime)> runtimes, TimeProvider time)
    {
        (Shards, _runtimes, Time) = (shards, runtimes, time);
        Storage = new ShardedStorage(this);
        Hosts = new ShardHosts(ListHosts, HostOf);
    }

    /// <summary>Gets the connections to the shards.</summary>
    public ShardSet Shards { get; }

    /// <summary>Gets the storage of the store that reads and writes the streams of all shards.</summary>
    public ShardedStorage Storage { get; }

    /// <summary>Gets the store of the home shard, for data that belongs to no stream.</summary>
    public EventStore HomeStore => _runtimes[0].Runtime.Store;

    public ShardMap Map => Shards.Map;

    public TimeProvider Time { get; }

    public IReadOnlyList<string> All => [.. Map.Shards.Select(static record => record.Shard.Value)];

    public ValueTask Open(CancellationToken cancellationToken) => Shards.Start(cancellationToken);

    public async ValueTask Reload(CancellationToken cancellationToken) =>
        await Shards.Refresh(cancellationToken).ConfigureAwait(false);

    public EventStore StoreOf(ShardId shard) => Shards.Get(shard).Require().Store;

    /// <summary>Returns whether a store is that of a shard, even if the shard is not available.</summary>
    public bool IsStoreOf(ShardId shard, EventStore store) => ReferenceEquals(FindRuntime(shard)?.Store, store);

    public ValueTask<TResult> Read<TResult>(
        StreamId stream,
        Func<string, ValueTask<TResult>> read,
        Func<TResult, bool> exists,
        CancellationToken cancellationToken) =>
        Storage.Placer.Read(
            stream, static (shard, read, _) => read(shard.Value), read, exists, cancellationToken);

    /// <summary>Gets the consumers of all shards, for the services of operators.</summary>
    public ShardHosts Hosts { get; }

    public ConsumerHost HostOf(string shard)
    {
        var id = new ShardId(shard);
        Shards.Get(id).Require();
        return FindRuntime(id)?.Consumers
            ?? throw new ShardUnavailableException(id, "its consumers are being started.");
    }

    /// <summary>
    /// Returns the consumers of all shards, those of the home shard first; null for a shard that is not available.
    /// </summary>
    private IReadOnlyList<(string? Shard, ConsumerHost? Host)> ListHosts() =>
    [
        .. Map.Shards.Select(record => (
            (string?)record.Shard.Value,
            Shards.Find(record.Shard) is { State: ShardState.Open } ? FindRuntime(record.Shard)?.Consumers : null)),
    ];

    /// <summary>
    /// Starts the consumers of the shards that are available. Those of the other shards start when their shards are
    /// available.
    /// </summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        foreach (var (_, runtime) in _runtimes)
            runtime.AllowConsumers();
        foreach (var (shard, runtime) in _runtimes)
        {
            if (Shards.Get(shard).State == ShardState.Open)
                await runtime.Activate(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        foreach (var (_, runtime) in _runtimes.Reverse())
            await runtime.StopConsumers(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Calls an action when the keys of a data subject were destroyed in a shard.</summary>
    public void OnKeysDestroyed(Action action)
    {
        foreach (var (_, runtime) in _runtimes)
            runtime.Store.Stored.KeysDestroyed += action;
    }

    private ShardRuntime? FindRuntime(ShardId shard) => _runtimes.FirstOrDefault(one => one.Shard == shard).Runtime;

    /// <summary>Closes the shards. The store that uses them and the host both dispose this object.</summary>
    public ValueTask DisposeAsync() => Shards.DisposeAsync();
}
