using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Delays a read until a consumer's effects reach the requested position, and reports the freshness.</summary>
internal sealed class FreshnessGate(ConsumerHost host, string consumer)
{
    private readonly ProgressWaiter _waiter = new(host);
    private readonly Func<bool> _isRemoved = IsRemoved(host.Store, consumer);

    /// <summary>
    /// Waits until the requested position is reached or the maximum wait has passed. The caller must read the documents
    /// after this call, so that no change is missed.
    /// </summary>
    /// <param name="after">The requested position, and the maximum wait for it.</param>
    /// <param name="key">The key of the document that is read, or null if several documents are read.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The freshness, and the state of the consumer before the documents are read.</returns>
    public async ValueTask<(Freshness Freshness, ConsumerSnapshot Consumer)> Reach(
        ReadAfter after, string? key, CancellationToken cancellationToken)
    {
        var (freshness, snapshot) = await Reach(after, cancellationToken).ConfigureAwait(false);
        var freshnessWithBlocked = await WithBlocked(freshness, snapshot.OpenDeadLetters, key, cancellationToken)
            .ConfigureAwait(false);
        return (freshnessWithBlocked, snapshot);
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
        Freshness freshness, long blockedEvents, string? key, CancellationToken cancellationToken)
    {
        if (blockedEvents > 0 && key is not null)
            blockedEvents = await CountBlockedEvents(key, cancellationToken).ConfigureAwait(false);
        return blockedEvents > 0 ? freshness with { BlockedEvents = blockedEvents } : freshness;
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
        var (requiredPosition, wait) = after.HasNoToken
            ? (head.Position, TimeSpan.Zero)
            : (after.Token.Position, after.MaxWait(host.Options));
        var reached = await _waiter
            .WaitForEffects(consumer, requiredPosition, wait, _isRemoved, cancellationToken)
            .ConfigureAwait(false);
        return (FreshnessAt(reached, requiredPosition), reached);
    }

    /// <summary>
    /// Checks the freshness again after the documents were read. A rebuild may have started after the first check, and
    /// this node may not know this yet.
    /// </summary>
    public async ValueTask<ConfirmedRead> Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, CancellationToken cancellationToken)
    {
        if (SnapshotHere(before) is { } here)
            return ConfirmHere(before, here);
        var records = await host.Store.Storage.Leases.Find(consumer, cancellationToken).ConfigureAwait(false);
        var head = host.Store.Tail.Head.Position;
        var now = ConsumerSnapshot.Combine(records.Select(record => ConsumerSnapshot.Of(record, head)));
        return Confirm(before, now.LeaseEpoch, now.Position);
    }

    /// <summary>
    /// Checks the freshness again with the consumer's record that was read together with the document.
    /// </summary>
    public ConfirmedRead Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, DocumentWithProgress read) =>
        SnapshotHere(before) is { } here
            ? ConfirmHere(before, here)
            : Confirm(before, read.LeaseEpoch, read.Checkpoint);

    /// <summary>
    /// Returns the consumer's snapshot that this node knows, or null if the stored record must be checked.
    /// </summary>
    private ConsumerSnapshot? SnapshotHere((Freshness Freshness, ConsumerSnapshot Consumer) before) =>
        before.Freshness.IsFresh ? null : host.TakeSnapshot(consumer);

    private static ConfirmedRead ConfirmHere(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, in ConsumerSnapshot here) =>
        new(
            before.Freshness,
            Math.Max(before.Consumer.Position, here.Position),
            ReflectedBy(before, here.LeaseEpoch));

    private ConfirmedRead Confirm(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, long? epoch, long reached)
    {
        if (epoch is null)
            return new(before.Freshness, before.Consumer.Position, ReflectedBy(before, before.Consumer.LeaseEpoch));
        if (epoch == before.Consumer.LeaseEpoch || !before.Freshness.IsFresh)
            return new(
                before.Freshness, Math.Max(before.Consumer.Position, reached), ReflectedBy(before, epoch));
        host.LeaseCoordinator.InspectSoon();
        var requiredPosition = Math.Max(host.Store.Tail.Head.Position, reached + 1);
        return new(FreshnessAt(before.Consumer with { Position = reached }, requiredPosition), reached, Reflects: 0)
        {
            HasRestarted = true,
        };
    }

    /// <summary>
    /// Returns the position that the documents reflect at least: the consumer's position before they were read. It is
    /// unknown, 0, if the consumer may have started again in between or events are blocked.
    /// </summary>
    private static long ReflectedBy(
        (Freshness Freshness, ConsumerSnapshot Consumer) before, long? epochAfter) =>
        before.Freshness is { IsOtherEpoch: false, BlockedEvents: 0 } && epochAfter == before.Consumer.LeaseEpoch
            ? before.Consumer.Position
            : 0;

    /// <summary>Returns true if a document at a position satisfies the request without a wait.</summary>
    public bool IsReached(ReadAfter after, long position) =>
        !after.Token.IsNone && after.Token.LogEpoch == host.Store.Tail.Head.Epoch && position >= after.Token.Position;

    /// <summary>
    /// Returns a function that returns true if the catalog no longer contains a collection. No node updates a removed
    /// collection, so waiting is useless.
    /// </summary>
    private static Func<bool> IsRemoved(EventStore store, string collection)
    {
        var name = CollectionName.NameOf(collection);
        return () => store.ReadModels.Find(name) is { } record && !record.Contains(collection);
    }

    /// <summary>Returns the number of blocked events of a key, plus that of events whose keys are unknown.</summary>
    private async ValueTask<long> CountBlockedEvents(string key, CancellationToken cancellationToken)
    {
        var letters = host.Store.Storage.DeadLetters;
        var query = new DeadLetterQuery { Consumer = consumer, Key = key, States = DeadLetter.OpenStates };
        return await letters.Count(query, cancellationToken).ConfigureAwait(false)
            + await letters.Count(query with { Key = "" }, cancellationToken).ConfigureAwait(false);
    }

    private Freshness FreshnessAt(in ConsumerSnapshot reached, long requiredPosition) =>
        reached.Position >= requiredPosition
            ? Freshness.Fresh
            : new Freshness(requiredPosition - reached.Position) { LagTime = reached.LagTime(host.Store) };
}
