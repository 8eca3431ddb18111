using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Delays a read until a consumer's effects reach the requested position, and reports the freshness.</summary>
internal sealed class FreshnessGate(ConsumerHost host, string consumer)
{
    private readonly ProgressWaiter _waiter = new(host);
    private readonly Func<bool> _isRemoved = IsGone(host.Store, consumer);

    /// <summary>
    /// Waits until the position is reached, up to the limit. The caller must read the documents after this call, so
    /// that no change is missed.
    /// </summary>
    /// <param name="after">The requested position.</param>
    /// <param name="key">The key of the document that is read, or null if several documents are read.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The freshness, and the state of the consumer before the documents are read.</returns>
    public async ValueTask<(Freshness Freshness, ConsumerSnapshot Consumer)> Reach(
        ReadAfter after, string? key, CancellationToken cancellationToken)
    {
        var (freshness, snapshot) = await Reach(after, cancellationToken).ConfigureAwait(false);
        var withHeld = await WithBlocked(freshness, snapshot.OpenDeadLetters, key, cancellationToken)
            .ConfigureAwait(false);
        return (withHeld, snapshot);
    }

    /// <summary>Returns the freshness with the number of blocked events of a key or of all keys.</summary>
    public async ValueTask<Freshness> WithBlocked(Freshness freshness, string? key, CancellationToken cancellationToken)
    {
        var current = await _waiter.GetSnapshot(consumer, cancellationToken).ConfigureAwait(false);
        return await WithBlocked(freshness, current.OpenDeadLetters, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the effects reach a position. Returns the position that they have reached.</summary>
    public async ValueTask<long> WaitFor(long position, TimeSpan wait, CancellationToken cancellationToken) =>
        (
            await _waiter.WaitForEffects(consumer, position, wait, _isRemoved, cancellationToken).ConfigureAwait(false)
        ).Position;

    private async ValueTask<Freshness> WithBlocked(
        Freshness freshness, long held, string? key, CancellationToken cancellationToken)
    {
        if (held > 0 && key is not null)
            held = await CountHeld(key, cancellationToken).ConfigureAwait(false);
        return held > 0 ? freshness with { BlockedEvents = held } : freshness;
    }

    private async ValueTask<(Freshness Freshness, ConsumerSnapshot Consumer)> Reach(
        ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var head = host.Store.Tail.Head;
        if (!after.Token.IsNone && after.Token.LogEpoch != head.Epoch)
        {
            var current = await _waiter.GetSnapshot(consumer, cancellationToken).ConfigureAwait(false);
            return (Freshness.OfOtherEpoch, current with { Position = 0 });
        }
        var (wanted, wait) = after.Token.IsNone
            ? (head.Position, TimeSpan.Zero)
            : (after.Token.Position, after.MaxWait(host.Options));
        var reached = await _waiter
            .WaitForEffects(consumer, wanted, wait, _isRemoved, cancellationToken)
            .ConfigureAwait(false);
        return (Behind(reached, wanted), reached);
    }

    /// <summary>
    /// Checks the freshness again after the documents were read. A rebuild may have started after the first check, and
    /// this node may not know this yet.
    /// </summary>
    public async ValueTask<(Freshness Freshness, long Position)> Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, CancellationToken cancellationToken)
    {
        if (ReachedHere(before) is { } position)
            return (before.Freshness, position);
        var records = await host.Store.Storage.Leases.Find(consumer, cancellationToken).ConfigureAwait(false);
        var head = host.Store.Tail.Head.Position;
        var now = ConsumerSnapshot.Combine(records.Select(record => ConsumerSnapshot.Of(record, head)));
        return Confirm(before, now.LeaseEpoch, now.Position);
    }

    /// <summary>
    /// Checks the freshness again with the consumer's record that was read together with the document.
    /// </summary>
    public (Freshness Freshness, long Position) Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, DocumentWithProgress read) =>
        ReachedHere(before) is { } here
            ? (before.Freshness, here)
            : Confirm(before, read.LeaseEpoch, read.Checkpoint);

    /// <summary>Returns the position if this node runs the consumer, or null if the position is not needed.</summary>
    private long? ReachedHere((Freshness Freshness, ConsumerSnapshot Consumer) before) =>
        !before.Freshness.IsFresh && host.TakeSnapshot(consumer) is { } here
            ? Math.Max(before.Consumer.Position, here.Position)
            : null;

    private (Freshness Freshness, long Position) Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, long? epoch, long reached)
    {
        if (epoch is null)
            return (before.Freshness, before.Consumer.Position);
        if (epoch == before.Consumer.LeaseEpoch || !before.Freshness.IsFresh)
            return (before.Freshness, Math.Max(before.Consumer.Position, reached));
        host.LeaseCoordinator.InspectSoon();
        var wanted = Math.Max(host.Store.Tail.Head.Position, reached + 1);
        return (Behind(before.Consumer with { Position = reached }, wanted), reached);
    }

    /// <summary>Returns true if a document at a position satisfies the request without a wait.</summary>
    public bool IsReached(ReadAfter after, long position) =>
        !after.Token.IsNone && after.Token.LogEpoch == host.Store.Tail.Head.Epoch && position >= after.Token.Position;

    /// <summary>
    /// Returns a function that returns true if the catalog no longer contains a collection. No node updates a removed
    /// collection, so waiting is useless.
    /// </summary>
    private static Func<bool> IsGone(EventStore store, string collection)
    {
        var name = CollectionName.NameOf(collection);
        return () => store.ReadModels.Find(name) is { } record && !record.Contains(collection);
    }

    /// <summary>Returns the number of blocked events of a key, and of streams whose keys are unknown.</summary>
    private async ValueTask<long> CountHeld(string key, CancellationToken cancellationToken)
    {
        var letters = host.Store.Storage.DeadLetters;
        var query = new DeadLetterQuery { Consumer = consumer, Key = key, States = DeadLetter.OpenStates };
        return await letters.Count(query, cancellationToken).ConfigureAwait(false)
            + await letters.Count(query with { Key = "" }, cancellationToken).ConfigureAwait(false);
    }

    private Freshness Behind(in ConsumerSnapshot reached, long wanted) =>
        reached.Position >= wanted
            ? Freshness.Fresh
            : new Freshness(wanted - reached.Position) { LagTime = reached.LagTime(host.Store) };
}
