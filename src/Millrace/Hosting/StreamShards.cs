using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Sharding;
using Millrace.Store;

namespace Millrace.Hosting;

/// <summary>The shards of an application whose streams are in several shards, with their consumers.</summary>
internal sealed class StreamShards : IShardStores, IReadModelShards, IStoreService
{
    private readonly IReadOnlyList<(ShardId Shard, ShardRuntime Runtime)> _runtimes;
    private bool _isDisposed;

    public StreamShards(
        ShardSet shards, IReadOnlyList<(ShardId Shard, ShardRuntime Runtime)> runtimes, TimeProvider time)
    {
        (Shards, _runtimes, Time) = (shards, runtimes, time);
        Storage = new ShardedStorage(this);
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
    public bool IsStoreOf(ShardId shard, EventStore store) =>
        _runtimes.Any(one => one.Shard == shard && ReferenceEquals(one.Runtime.Store, store));

    public async ValueTask<string> Find(StreamId stream, CancellationToken cancellationToken) =>
        (await Storage.Placer.Find(stream, cancellationToken).ConfigureAwait(false)).Shard.Value;

    public async ValueTask<string?> FindOther(StreamId stream, string shard, CancellationToken cancellationToken)
    {
        var place = await Storage.Placer.Find(stream, cancellationToken).ConfigureAwait(false);
        if (await Storage.Placer.IsOutdated(place, cancellationToken).ConfigureAwait(false))
        {
            await Reload(cancellationToken).ConfigureAwait(false);
            place = await Storage.Placer.Find(stream, cancellationToken).ConfigureAwait(false);
        }
        return place.Shard.Value == shard ? null : place.Shard.Value;
    }

    public ConsumerHost HostOf(string shard)
    {
        var id = new ShardId(shard);
        Shards.Get(id).Require();
        foreach (var (one, runtime) in _runtimes)
        {
            if (one == id && runtime.Consumers is { } consumers)
                return consumers;
        }
        throw new ShardUnavailableException(id, "its consumers are being started.");
    }

    /// <summary>
    /// Returns the consumers of all shards, those of the home shard first; null for a shard that is not available.
    /// </summary>
    public IReadOnlyList<(string Shard, ConsumerHost? Host)> ListHosts()
    {
        var all = new List<(string Shard, ConsumerHost? Host)>();
        foreach (var record in Map.Shards)
        {
            var runtime = _runtimes.FirstOrDefault(one => one.Shard == record.Shard).Runtime;
            var isOpen = runtime is not null && Shards.Get(record.Shard).State == ShardState.Open;
            all.Add((record.Shard.Value, isOpen ? runtime!.Consumers : null)); // Only a known shard is open.
        }
        return all;
    }

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

    /// <summary>Closes the shards. The store that uses them and the host both dispose this object.</summary>
    public ValueTask DisposeAsync() =>
        Interlocked.Exchange(ref _isDisposed, true) ? ValueTask.CompletedTask : Shards.DisposeAsync();
}
