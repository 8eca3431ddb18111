using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>The dead letters of one store, for <see cref="DeadLetters"/>.</summary>
internal sealed class StoreDeadLetters
{
    private const int MaxShown = 100;

    private readonly ConsumerHost _host;
    private readonly DeadLetterDecider _decider;

    public StoreDeadLetters(ShardHost shard)
    {
        _host = shard.Host;
        var stored = _host.Store.Storage.DeadLetters;
        Stored = shard.Shard is { } name ? new ShardDeadLetters(stored, name, shard.Index) : stored;
        _decider = new DeadLetterDecider(_host, Stored);
    }

    /// <summary>Gets the stored dead letters, with ids that are unique in all shards.</summary>
    public IDeadLetterStorage Stored { get; }

    private EventStore Store => _host.Store;

    /// <inheritdoc cref="DeadLetters.Show"/>
    public async ValueTask<DeadLetterView> Show(long id, CancellationToken cancellationToken)
    {
        var deadLetter = await _decider.Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false);
        if (!deadLetter.IsOpen)
            return new DeadLetterView(deadLetter, recorded, [], 0, null);
        var backlog = await _decider.ListBacklog(deadLetter, cancellationToken).ConfigureAwait(false);
        var waiting = backlog.Where(other => other.Position > deadLetter.Position).ToList();
        var blockedBy = backlog.Count > 0 && backlog[0].Position < deadLetter.Position ? backlog[0] : null;
        return new DeadLetterView(deadLetter, recorded, [.. waiting.Take(MaxShown)], waiting.Count, blockedBy);
    }

    /// <inheritdoc cref="DeadLetters.WriteTest(long, string, string?, CancellationToken)"/>
    public async ValueTask<string> WriteTest(
        long id, string model, string? handler, CancellationToken cancellationToken)
    {
        var deadLetter = await _decider.Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false)
            ?? throw new DeadLetterRefusedException(id, "its event was removed from the log.");
        var documents = Store.Storage.Documents;
        var isProjection = await documents
            .HasCollection(deadLetter.Consumer, cancellationToken)
            .ConfigureAwait(false);
        if (!isProjection)
        {
            return handler is not null
                ? DeadLetterTestWriter.WriteForHandler(deadLetter, recorded, model, handler)
                : throw new DeadLetterRefusedException(
                    id,
                    $"'{deadLetter.Consumer}' is not a projection with documents: name the ConsumerDefinition of its "
                        + "handler.");
        }
        var document = deadLetter.Key.Length == 0
            ? null
            : await documents.Get(deadLetter.Consumer, deadLetter.Key, cancellationToken).ConfigureAwait(false);
        return DeadLetterTestWriter.Write(deadLetter, recorded, document?.Body, model);
    }

    /// <inheritdoc cref="DeadLetterDecider.Decide"/>
    public Task<DeadLetter> Decide(
        long id,
        DeadLetterDecision decision,
        ReadOnlyMemory<byte>? payload,
        DeadLetterNote note,
        CancellationToken cancellationToken) =>
        _decider.Decide(id, decision, payload, note, cancellationToken);

    /// <summary>Simulates an action on a page of dead letters.</summary>
    public async Task<IReadOnlyList<SimulatedDeadLetter>> Simulate(
        DeadLetterQuery query, DeadLetterAction action, CancellationToken cancellationToken)
    {
        var simulator = new DeadLetterSimulator(_host, action);
        var results = new List<SimulatedDeadLetter>();
        foreach (var deadLetter in await Stored.List(query, cancellationToken).ConfigureAwait(false))
        {
            var recorded = await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false);
            results.Add(await simulator.Try(deadLetter, recorded, cancellationToken).ConfigureAwait(false));
        }
        return results;
    }

    /// <summary>Simulates an action on one dead letter.</summary>
    public async Task<SimulatedDeadLetter> Simulate(
        long id, DeadLetterAction action, CancellationToken cancellationToken)
    {
        var deadLetter = await _decider.Get(id, cancellationToken).ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false);
        return await new DeadLetterSimulator(_host, action)
            .Try(deadLetter, recorded, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc cref="DeadLetters.SimulateEdit"/>
    public async Task<SimulatedDeadLetter> SimulateEdit(
        long id, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var deadLetter = await _decider.Get(id, cancellationToken).ConfigureAwait(false);
        var storedPayload = await _decider
            .ToStoredPayload(deadLetter, payload, cancellationToken)
            .ConfigureAwait(false);
        var recorded = await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false);
        var simulated = await new DeadLetterSimulator(_host, DeadLetterAction.OfPayload(storedPayload))
            .Try(deadLetter, recorded, cancellationToken)
            .ConfigureAwait(false);
        return simulated.Outcome == SimulatedOutcome.Unknown
            && recorded?.With(storedPayload).Data is UnreadableEvent unreadable
            ? new SimulatedDeadLetter(deadLetter, SimulatedOutcome.Fails, unreadable.Reason)
            : simulated;
    }

    /// <summary>Applies one action to the dead letters of this store.</summary>
    public async ValueTask<bool> Replay(
        DeadLetterQuery query,
        DeadLetterAction action,
        DeadLetterNote note,
        DeadLetterReplayOptions options,
        DeadLetterReplayProgress progress,
        CancellationToken cancellationToken)
    {
        var guard = new InlineDeadLetterGuard(_host);
        await new DeadLetterReplayer(Store, Stored, query, action, note, options, guard, progress)
            .Run(cancellationToken)
            .ConfigureAwait(false);
        return !progress.IsStopped;
    }
}
