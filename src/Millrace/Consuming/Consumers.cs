using Millrace.Consuming;

namespace Millrace;

/// <summary>
/// Returns the status of a store's consumers on all nodes, and provides the operations for operators. If the streams of
/// the application are in several shards, each shard has its own consumers. Thread-safe.
/// </summary>
public sealed class Consumers
{
    private readonly Func<IReadOnlyList<(string? Shard, StoreConsumers? Consumers)>> _stores;
    private readonly Func<string, ConsumerHost> _require;

    internal Consumers(ConsumerHost host)
    {
        (string?, StoreConsumers?)[] all = [(null, new StoreConsumers(host, shard: null))];
        _stores = () => all;
        _require = _ => host;
    }

    /// <summary>Creates an instance for the consumers of several shards.</summary>
    /// <param name="shards">Returns all shards, the home shard first; null for a shard that is not available.</param>
    /// <param name="require">Returns the consumers of a shard. Throws if it is not available.</param>
    internal Consumers(
        Func<IReadOnlyList<(string Shard, ConsumerHost? Host)>> shards, Func<string, ConsumerHost> require)
    {
        _require = require;
        _stores = () =>
        [
            .. shards().Select(static one => (
                (string?)one.Shard,
                one.Host is null ? null : new StoreConsumers(one.Host, one.Shard))),
        ];
    }

    /// <summary>
    /// Creates an instance for the consumers that other nodes run on a store, for tools that run none themselves.
    /// </summary>
    public static Consumers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Consumers(ConsumerHost.Idle(store));
    }

    /// <summary>
    /// Returns all consumers that have ever run on the store or are registered on this node, by name. With shards,
    /// returns a consumer once for each available shard.
    /// </summary>
    public async ValueTask<IReadOnlyList<ConsumerStatus>> List(CancellationToken cancellationToken = default)
    {
        var stores = ListAvailable();
        if (stores is [var single])
            return await single.List(cancellationToken).ConfigureAwait(false);
        var all = await Task
            .WhenAll(stores.Select(one => one.List(cancellationToken).AsTask()))
            .ConfigureAwait(false);
        return [.. all.SelectMany(static statuses => statuses).OrderBy(static one => one.Name, StringComparer.Ordinal)];
    }

    /// <summary>Returns one consumer. With shards, returns that of the shard in which it is furthest behind.</summary>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public async ValueTask<ConsumerStatus> Get(string name, CancellationToken cancellationToken = default)
    {
        ConsumerStatus? found = null;
        foreach (var status in await List(cancellationToken).ConfigureAwait(false))
        {
            if (status.Name == name && (found is null || status.LagTime > found.LagTime))
                found = status;
        }
        return found ?? throw new ConsumerNotFoundException(name);
    }

    /// <summary>
    /// Pauses a consumer until it is resumed, on whichever node it runs. The consumer finishes its batch and takes no
    /// further batch. The pause survives restarts. With shards, pauses it in all available shards.
    /// </summary>
    /// <remarks>
    /// When the method returns, a consumer on this node has been notified. A consumer on another node is notified
    /// within that node's <see cref="ConsumerOptions.LookEvery"/>.
    /// </remarks>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public ValueTask Pause(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: true, cancellationToken);

    /// <summary>Resumes a paused consumer. A stalled consumer retries immediately.</summary>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public ValueTask Resume(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: false, cancellationToken);

    /// <summary>
    /// Sets the checkpoint of a consumer. The consumer continues with the event after the checkpoint, so that it
    /// handles events again or skips events.
    /// </summary>
    /// <remarks>
    /// Rebuild a read model instead of resetting it: an event that a document already contains is not applied to it
    /// again. Final decisions about dead letters remain valid. Open dead letters are removed, because their events are
    /// handled again.
    /// </remarks>
    /// <param name="name">The name of the consumer.</param>
    /// <param name="checkpoint">The position after which the consumer continues; 0 for the start of the log, also for a
    /// consumer that was defined to start at the end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    /// <exception cref="ConsumerResetRefusedException">The consumer is a read model, and the reset would lose the
    /// event of a dead letter, because it is not yet known which document the event changes.</exception>
    /// <exception cref="NotAcrossShardsException">There are several shards, and the checkpoint is not 0.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available. Nothing was changed.</exception>
    public async ValueTask Reset(string name, long checkpoint = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checkpoint);
        await Get(name, cancellationToken).ConfigureAwait(false);
        var stores = _stores();
        if (stores.Count > 1 && checkpoint != 0)
            throw new NotAcrossShardsException(
                $"'{name}' cannot continue after the position {checkpoint} in all shards",
                "Positions belong to the log of one shard: reset it to 0, or use the consumers of one shard.");
        foreach (var (shard, consumers) in stores)
        {
            if (consumers is null)
                Require(shard!); // A store without shards is always available.
        }
        foreach (var consumers in ListAvailable())
            await consumers.Reset(name, checkpoint, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until the effects of a consumer include a token's position. Returns false if the wait times out, or if the
    /// token belongs to another log epoch.
    /// </summary>
    /// <param name="name">The name of the consumer.</param>
    /// <param name="token">The token that a command, an append or <see cref="EventStore.GetToken"/> returned.</param>
    /// <param name="wait">The maximum wait; <see cref="ConsumerOptions.ReadTimeout"/> by default.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ShardUnavailableException">The token has a position of a shard that is not
    /// available.</exception>
    public async ValueTask<bool> WaitFor(
        string name, ConsistencyToken token, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var reached = await Task
            .WhenAll(Divide(token).Select(part =>
                part.Consumers.WaitFor(name, part.Token, wait, cancellationToken).AsTask()))
            .ConfigureAwait(false);
        return Array.TrueForAll(reached, static isReached => isReached);
    }

    /// <summary>Makes this node read its leases now, after they were changed in the store.</summary>
    internal async ValueTask RefreshLeases(CancellationToken cancellationToken)
    {
        foreach (var consumers in ListAvailable())
            await consumers.RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SetPaused(string name, bool isPaused, CancellationToken cancellationToken)
    {
        await Get(name, cancellationToken).ConfigureAwait(false);
        foreach (var consumers in ListAvailable())
            await consumers.SetPaused(name, isPaused, cancellationToken).ConfigureAwait(false);
    }

    private IReadOnlyList<StoreConsumers> ListAvailable() =>
        [.. _stores().Select(static one => one.Consumers).OfType<StoreConsumers>()];

    /// <summary>Returns the consumers of each store with the part of a token that belongs to it.</summary>
    private List<(StoreConsumers Consumers, ConsistencyToken Token)> Divide(ConsistencyToken token)
    {
        var stores = _stores();
        var parts = new List<(StoreConsumers, ConsistencyToken)>();
        foreach (var (shard, consumers) in stores)
        {
            var part = shard is null ? token : token.For(shard, isHome: shard == stores[0].Shard);
            if (consumers is not null)
                parts.Add((consumers, part));
            else if (!part.IsNone)
                parts.Add((Require(shard!), part)); // A store without shards is always available.
        }
        foreach (var position in stores[0].Shard is null ? [] : token.Shards?.All ?? [])
        {
            if (position.Shard.Length > 0 && !stores.Any(one => one.Shard == position.Shard))
                Require(position.Shard);
        }
        return parts;
    }

    /// <summary>Returns the consumers of a shard. Throws if it is not available.</summary>
    private StoreConsumers Require(string shard) => new(_require(shard), shard);
}
