using Millrace.Storage;

namespace Millrace;

/// <summary>Lets a read wait until a consumer's effects reach what it asks for, and says how far they are.</summary>
internal sealed class FreshnessGate(ConsumerHost host, string consumer)
{
    private readonly ProgressWaiter _waiter = new(host);
    private readonly Func<bool> _isGone = IsGone(host.Store, consumer);

    /// <summary>Waits as long as it may. Asked before the documents are read, so that nothing passes in
    /// between.</summary>
    /// <param name="after">What is to be reflected.</param>
    /// <param name="key">The key of the one document that is read; null for several.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Reached> Reach(ReadAfter after, string? key, CancellationToken cancellationToken)
    {
        var (freshness, standing) = await Reach(after, cancellationToken).ConfigureAwait(false);
        var withHeld = await WithHeld(freshness, standing.OpenDeadLetters, key, cancellationToken)
            .ConfigureAwait(false);
        return new Reached(withHeld, standing.Position, standing.LeaseEpoch);
    }

    /// <summary>With the events that are held back, of a key or of all.</summary>
    public async ValueTask<Freshness> WithHeld(Freshness freshness, string? key, CancellationToken cancellationToken)
    {
        var standing = await _waiter.GetSnapshot(consumer, cancellationToken).ConfigureAwait(false);
        return await WithHeld(freshness, standing.OpenDeadLetters, key, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until its effects reach a position, and returns the one that they have reached.</summary>
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

    private async ValueTask<(Freshness Freshness, Standing Standing)> Reach(
        ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var head = host.Store.Tail.Head;
        if (!after.Token.IsNone && after.Token.LogEpoch != head.Epoch)
        {
            var now = await _waiter.GetSnapshot(consumer, cancellationToken).ConfigureAwait(false);
            return (Freshness.OfOtherEpoch, now with { Position = 0 });
        }
        var (wanted, wait) = after.Token.IsNone
            ? (head.Position, TimeSpan.Zero)
            : (after.Token.Position, after.Wait ?? host.Options.ReadTimeout);
        var standing = await _waiter
            .WaitForEffects(consumer, wanted, wait, _isGone, cancellationToken)
            .ConfigureAwait(false);
        return (Behind(standing.Position, wanted), standing);
    }

    /// <summary>
    /// Looks again after the documents were read: somebody may have had them built anew since it was asked how far they
    /// are, and this node not have heard of it yet.
    /// </summary>
    public async ValueTask<Reached> Confirm(Reached before, CancellationToken cancellationToken)
    {
        if (ReachedHere(before) is { } here)
            return here;
        var found = await FindRecord(cancellationToken).ConfigureAwait(false);
        return Confirm(before, found?.LeaseEpoch, found?.Checkpoint ?? 0);
    }

    /// <summary>The same with what was read of the consumer together with the document.</summary>
    public Reached Confirm(Reached before, DocumentWithProgress read) =>
        ReachedHere(before) ?? Confirm(before, read.LeaseEpoch, read.Checkpoint);

    /// <summary>What a node knows that runs the consumer itself; null where it is not asked.</summary>
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

    /// <summary>Whether a document that reflects a position answers what is asked for, without any wait.</summary>
    public bool IsReached(ReadAfter after, long position) =>
        !after.Token.IsNone && after.Token.LogEpoch == host.Store.Tail.Head.Epoch && position >= after.Token.Position;

    /// <summary>Tells when the catalogue names a collection no longer: nobody keeps it up to date, so it is not waited
    /// for.</summary>
    private static Func<bool> IsGone(EventStore store, string collection)
    {
        var name = CollectionName.NameOf(collection);
        return () => store.ReadModels.Find(name) is { } record && !record.Mentions(collection);
    }

    /// <summary>What the store says of all its partitions together; null when there is none.</summary>
    private async ValueTask<(long LeaseEpoch, long Checkpoint)?> FindRecord(CancellationToken cancellationToken)
    {
        (long LeaseEpoch, long Checkpoint)? found = null;
        foreach (var record in await host.Store.Storage.Leases.Find(consumer, cancellationToken).ConfigureAwait(false))
        {
            var reached = record.Checkpoint ?? 0;
            found = found is var (epoch, least)
                ? (epoch + record.LeaseEpoch, Math.Min(least, reached))
                : (record.LeaseEpoch, reached);
        }
        return found;
    }

    /// <summary>How many events of a key are held, and of streams of which nobody knows whose they are.</summary>
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
