using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Makes a read wait until a consumer's effects reach the requested position, and reports the freshness.
/// </summary>
internal sealed class FreshnessGate(ConsumerHost host, string consumer)
{
    private readonly ProgressWaiter _waiter = new(host);
    private readonly Func<bool> _isGone = IsGone(host.Store, consumer);

    /// <summary>
    /// Waits up to the limit. Called before the documents are read, so that no change is missed in between.
    /// </summary>
    /// <param name="after">The requested position.</param>
    /// <param name="key">The key of the one document that is read; null for several.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<Reached> Reach(ReadAfter after, string? key, CancellationToken cancellationToken)
    {
        var (freshness, reached) = await Reach(after, cancellationToken).ConfigureAwait(false);
        var withHeld = await WithHeld(freshness, reached.OpenDeadLetters, key, cancellationToken)
            .ConfigureAwait(false);
        return new Reached(withHeld, reached.Position, reached.LeaseEpoch);
    }

    /// <summary>Returns the freshness with the number of blocked events, of a key or of all keys.</summary>
    public async ValueTask<Freshness> WithHeld(Freshness freshness, string? key, CancellationToken cancellationToken)
    {
        var reached = await _waiter.GetPosition(consumer, cancellationToken).ConfigureAwait(false);
        return await WithHeld(freshness, reached.OpenDeadLetters, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the effects reach a position, and returns the position that was reached.</summary>
    public async ValueTask<long> WaitFor(long position, TimeSpan wait, CancellationToken cancellationToken) =>
        (
            await _waiter.WaitForEffects(consumer, position, wait, _isGone, cancellationToken).ConfigureAwait(false)
        ).Position;

    private async ValueTask<Freshness> WithHeld(
        Freshness freshness, long held, string? key, CancellationToken cancellationToken)
    {
        if (held > 0 && key is not null)
            held = await CountHeld(key, cancellationToken).ConfigureAwait(false);
        return held > 0 ? freshness with { HeldEvents = held } : freshness;
    }

    private async ValueTask<(Freshness Freshness, ConsumerPosition ConsumerPosition)> Reach(
        ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var head = host.Store.Tail.Head;
        if (!after.Token.IsNone && after.Token.LogEpoch != head.Epoch)
        {
            var current = await _waiter.GetPosition(consumer, cancellationToken).ConfigureAwait(false);
            return (Freshness.OfOtherEpoch, current with { Position = 0 });
        }
        var (wanted, wait) = after.Token.IsNone
            ? (head.Position, TimeSpan.Zero)
            : (after.Token.Position, after.Wait ?? host.Options.ReadTimeout);
        var reached = await _waiter
            .WaitForEffects(consumer, wanted, wait, _isGone, cancellationToken)
            .ConfigureAwait(false);
        return (Behind(reached.Position, wanted), reached);
    }

    /// <summary>
    /// Checks again after the documents were read: they may have been rebuilt since the freshness was determined, and
    /// this node may not know it yet.
    /// </summary>
    public async ValueTask<Reached> Confirm(Reached before, CancellationToken cancellationToken)
    {
        if (ReachedHere(before) is { } here)
            return here;
        var found = await FindRecord(cancellationToken).ConfigureAwait(false);
        return Confirm(before, found?.LeaseEpoch, found?.Checkpoint ?? 0);
    }

    /// <summary>Checks again with the consumer's record that was read together with the document.</summary>
    public Reached Confirm(Reached before, DocumentWithProgress read) =>
        ReachedHere(before) ?? Confirm(before, read.LeaseEpoch, read.Checkpoint);

    /// <summary>Returns the position when this node runs the consumer; null when it is not needed.</summary>
    private Reached? ReachedHere(Reached before) => !before.Freshness.IsFresh && host.ReachedHere(consumer) is { } here
        ? before with { Position = Math.Max(before.Position, here) }
        : null;

    private Reached Confirm(Reached before, long? epoch, long reached)
    {
        if (epoch is not { } leaseEpoch)
            return before;
        if (leaseEpoch == before.LeaseEpoch || !before.Freshness.IsFresh)
            return before with { Position = Math.Max(before.Position, reached) };
        host.LeaseCoordinator.InspectSoon();
        return before with
        {
            Freshness = Behind(reached, Math.Max(host.Store.Tail.Head.Position, reached + 1)),
            Position = reached,
        };
    }

    /// <summary>Returns true when a document at a position satisfies the request without a wait.</summary>
    public bool IsReached(ReadAfter after, long position) =>
        !after.Token.IsNone && after.Token.LogEpoch == host.Store.Tail.Head.Epoch && position >= after.Token.Position;

    /// <summary>
    /// Returns a check that is true when the catalog no longer contains a collection: no node updates it, so waiting is
    /// pointless.
    /// </summary>
    private static Func<bool> IsGone(EventStore store, string collection)
    {
        var name = CollectionName.NameOf(collection);
        return () => store.ReadModels.Find(name) is { } record && !record.Mentions(collection);
    }

    /// <summary>Returns the stored record of all its partitions combined; null when there is none.</summary>
    private async ValueTask<(long LeaseEpoch, long Checkpoint)?> FindRecord(CancellationToken cancellationToken)
    {
        (long LeaseEpoch, long Checkpoint)? found = null;
        foreach (var record in await host.Store.Storage.Leases.Find(consumer, cancellationToken).ConfigureAwait(false))
        {
            var reached = record.Checkpoint ?? 0;
            found = found is var (epoch, lowest)
                ? (epoch + record.LeaseEpoch, Math.Min(lowest, reached))
                : (record.LeaseEpoch, reached);
        }
        return found;
    }

    /// <summary>Returns the number of blocked events of a key, and of streams whose keys are unknown.</summary>
    private async ValueTask<long> CountHeld(string key, CancellationToken cancellationToken)
    {
        var letters = host.Store.Storage.DeadLetters;
        var query = new DeadLetterQuery { Consumer = consumer, Key = key, States = DeadLetter.OpenStates };
        return await letters.Count(query, cancellationToken).ConfigureAwait(false)
            + await letters.Count(query with { Key = "" }, cancellationToken).ConfigureAwait(false);
    }

    private Freshness Behind(long reached, long wanted)
    {
        if (reached >= wanted)
            return Freshness.Fresh;
        var since = host.Store.Tail.RecordedAt(reached + 1) ?? host.Find(consumer)?.Progress.RecordedAt;
        var lag = since is { } at ? host.Store.Time.GetUtcNow() - at : TimeSpan.Zero;
        return new Freshness(wanted - reached) { LagTime = lag > TimeSpan.Zero ? lag : TimeSpan.Zero };
    }
}
