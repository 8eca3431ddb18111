using Millrace.Consuming;

namespace Millrace;

/// <summary>
/// Returns the status of a store's consumers on all nodes, and provides the operations for operators. If the streams of
/// the application are in several shards, each shard has its own consumers. Thread-safe.
/// </summary>
public sealed class Consumers
{
    private readonly ShardHosts _hosts;

    internal Consumers(ConsumerHost host)
        : this(new ShardHosts(host))
    {
    }

    internal Consumers(ShardHosts hosts) => _hosts = hosts;

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
    public ValueTask<IReadOnlyList<ConsumerStatus>> List(CancellationToken cancellationToken = default) =>
        List(_hosts.ListAvailable(), cancellationToken);

    /// <summary>Returns one consumer. With shards, returns that of the shard in which it is furthest behind.</summary>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available.
    /// <see cref="List(CancellationToken)"/> returns the consumers of the others.</exception>
    /// <exception cref="NotAcrossShardsException">The consumer builds a read model, and is not the same in all
    /// shards.</exception>
    public async ValueTask<ConsumerStatus> Get(string name, CancellationToken cancellationToken = default) =>
        await Get(
                name,
                await ShardCollections.Find(name, _hosts.RequireAll(), cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>
    /// Pauses a consumer until it is resumed, on whichever node it runs. The consumer finishes its batch and takes no
    /// further batch. The pause survives restarts. With shards, pauses it in all of them, also where the collection of
    /// the same read model has another name.
    /// </summary>
    /// <remarks>
    /// When the method returns, a consumer on this node has been notified. A consumer on another node is notified
    /// within that node's <see cref="ConsumerOptions.LookEvery"/>.
    /// </remarks>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    /// <exception cref="NotAcrossShardsException">The consumer builds a read model, and is not the same in all
    /// shards.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available. Nothing was changed.</exception>
    /// <exception cref="ShardsPartlyChangedException">A shard failed after others were changed.</exception>
    public ValueTask Pause(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: true, cancellationToken);

    /// <summary>Resumes a paused consumer. A stalled consumer retries immediately.</summary>
    /// <inheritdoc cref="Pause"/>
    public ValueTask Resume(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: false, cancellationToken);

    /// <summary>
    /// Restarts a consumer on whichever node it runs: cancels its batch, and starts it again at its checkpoint, on the
    /// same or another node. Events of the batch are handled again.
    /// </summary>
    /// <remarks>
    /// A consumer on another node restarts within that node's <see cref="ConsumerOptions.LookEvery"/>. A handler of the
    /// application that ignores its cancellation token is abandoned after <see cref="ConsumerOptions.StopTimeout"/>:
    /// the consumer continues, and the store refuses what the old run commits. A projection, publisher or process that
    /// hangs continues only when its node is restarted. A paused consumer remains paused.
    /// </remarks>
    /// <inheritdoc cref="Pause"/>
    public async ValueTask Restart(string name, CancellationToken cancellationToken = default)
    {
        var shards = await ShardCollections
            .Find(name, _hosts.RequireAll(), cancellationToken)
            .ConfigureAwait(false);
        await Get(name, shards, cancellationToken).ConfigureAwait(false);
        await ShardCollections
            .Change(
                $"The restart of '{name}'",
                shards,
                (shard, own) => new StoreConsumers(shard).Restart(own, cancellationToken))
            .ConfigureAwait(false);
    }

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
    /// <exception cref="NotAcrossShardsException">There are several shards, and the checkpoint is not 0, or the
    /// consumer is not the same in all shards.</exception>
    /// <exception cref="ShardUnavailableException">A shard is not available. Nothing was changed.</exception>
    /// <exception cref="ShardsPartlyChangedException">A shard failed after others were changed.</exception>
    public async ValueTask Reset(string name, long checkpoint = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checkpoint);
        var shards = await ShardCollections
            .Find(name, _hosts.RequireAll(), cancellationToken)
            .ConfigureAwait(false);
        await Get(name, shards, cancellationToken).ConfigureAwait(false);
        if (shards.Count > 1 && checkpoint != 0)
            throw new NotAcrossShardsException(
                $"'{name}' cannot continue after the position {checkpoint} in all shards",
                "Positions belong to the log of one shard: reset it to 0, or use the consumers of one shard.");
        await ShardCollections
            .Change(
                $"The reset of '{name}'",
                shards,
                (shard, own) => new StoreConsumers(shard).Reset(own, checkpoint, cancellationToken))
            .ConfigureAwait(false);
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
        var tokens = Divide(token);
        var shards = await ShardCollections
            .Find(name, [.. tokens.Keys], cancellationToken)
            .ConfigureAwait(false);
        var reached = await Task
            .WhenAll(shards.Select(one =>
                new StoreConsumers(one.Shard).WaitFor(one.Name, tokens[one.Shard], wait, cancellationToken).AsTask()))
            .ConfigureAwait(false);
        return Array.TrueForAll(reached, static isReached => isReached);
    }

    /// <summary>Makes this node read its leases now, after they were changed in the store.</summary>
    internal async ValueTask RefreshLeases(CancellationToken cancellationToken)
    {
        foreach (var shard in _hosts.ListAvailable())
            await new StoreConsumers(shard).RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<IReadOnlyList<ConsumerStatus>> List(
        IReadOnlyList<ShardHost> shards, CancellationToken cancellationToken)
    {
        if (shards is [var single])
            return await new StoreConsumers(single).List(cancellationToken).ConfigureAwait(false);
        var all = await Task
            .WhenAll(shards.Select(shard => new StoreConsumers(shard).List(cancellationToken).AsTask()))
            .ConfigureAwait(false);
        return [.. all.SelectMany(static statuses => statuses).OrderBy(static one => one.Name, StringComparer.Ordinal)];
    }

    private static async ValueTask<ConsumerStatus> Get(
        string name,
        IReadOnlyList<(ShardHost Shard, string Name)> shards,
        CancellationToken cancellationToken)
    {
        ConsumerStatus? found = null;
        var all = await List([.. shards.Select(static one => one.Shard)], cancellationToken).ConfigureAwait(false);
        foreach (var status in all)
        {
            var isMeant = shards.Any(one => one.Shard.Shard == status.Shard && one.Name == status.Name);
            if (isMeant && (found is null || status.LagTime > found.LagTime))
                found = status;
        }
        return found ?? throw new ConsumerNotFoundException(name);
    }

    private async ValueTask SetPaused(string name, bool isPaused, CancellationToken cancellationToken)
    {
        var shards = await ShardCollections
            .Find(name, _hosts.RequireAll(), cancellationToken)
            .ConfigureAwait(false);
        await Get(name, shards, cancellationToken).ConfigureAwait(false);
        await ShardCollections
            .Change(
                $"{(isPaused ? "The pause" : "The resumption")} of '{name}'",
                shards,
                (shard, own) => new StoreConsumers(shard).SetPaused(own, isPaused, cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>Returns the stores with the part of a token that belongs to each.</summary>
    private Dictionary<ShardHost, ConsistencyToken> Divide(ConsistencyToken token)
    {
        var available = _hosts.ListAvailable();
        if (!_hosts.IsOfAllShards)
            return new() { [available[0]] = PartOf(token, available[0]) };
        var names = _hosts.Names;
        var parts = new Dictionary<ShardHost, ConsistencyToken>();
        foreach (var name in names)
        {
            var part = token.For(name!, isHome: name == names[0]); // Shards have names.
            if (available.FirstOrDefault(one => one.Shard == name) is { Host: not null } found)
                parts.Add(found, part);
            else if (!part.IsNone)
                parts.Add(_hosts.RequireAll(name)[0], part);
        }
        foreach (var position in token.Shards?.All ?? [])
        {
            if (position.Shard.Length > 0 && !names.Contains(position.Shard))
                _hosts.Require(position.Shard); // Throws, unless it was added at this moment.
        }
        return parts;
    }

    private static ConsistencyToken PartOf(ConsistencyToken token, ShardHost shard) =>
        token.Shards is null || shard.Shard is null ? token : token.For(shard.Shard, isHome: shard.Index == 0);
}
