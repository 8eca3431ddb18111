namespace Millrace;

/// <summary>Lets a read wait until a consumer's effects reach what it asks for, and says how far they are.</summary>
internal sealed class FreshnessGate(ConsumerHost host, string consumer)
{
    private readonly ProgressWaiter _waiter = new(host);

    /// <summary>Waits as long as it may.</summary>
    public async ValueTask<Freshness> Reach(ReadAfter after, CancellationToken cancellationToken)
    {
        var head = host.Store.Tail.Head;
        if (after.Token.IsNone)
        {
            var known = await _waiter.Wait(consumer, head.Position, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
            return Behind(known, head.Position);
        }
        if (after.Token.LogEpoch != head.Epoch)
            return Freshness.OfOtherEpoch;
        var wait = after.Wait ?? host.Options.ReadTimeout;
        var reached = await _waiter.Wait(consumer, after.Token.Position, wait, cancellationToken).ConfigureAwait(false);
        return Behind(reached, after.Token.Position);
    }

    /// <summary>
    /// Looks again after the documents were read: another process may have had them built anew, and this node not have heard of it yet.
    /// </summary>
    public async ValueTask<Freshness> Confirm(Freshness freshness, CancellationToken cancellationToken)
    {
        if (!freshness.IsFresh || host.Find(consumer)?.Lease is not { } lease)
            return freshness;
        foreach (var record in await host.Store.Storage.Leases.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Consumer != consumer || record.LeaseEpoch == lease.Epoch)
                continue;
            host.Keeper.LookSoon();
            var reached = record.Checkpoint ?? 0;
            return Behind(reached, Math.Max(host.Store.Tail.Head.Position, reached + 1));
        }
        return freshness;
    }

    /// <summary>Whether a document that reflects a position answers what is asked for, without any wait.</summary>
    public bool IsReached(ReadAfter after, long position) =>
        !after.Token.IsNone && after.Token.LogEpoch == host.Store.Tail.Head.Epoch && position >= after.Token.Position;

    private Freshness Behind(long reached, long wanted)
    {
        if (reached >= wanted)
            return Freshness.Fresh;
        var since = host.Store.Tail.RecordedAt(reached + 1) ?? host.Find(consumer)?.Progress.RecordedAt;
        var lag = since is { } at ? host.Store.Time.GetUtcNow() - at : TimeSpan.Zero;
        return new Freshness(wanted - reached) { LagTime = lag > TimeSpan.Zero ? lag : TimeSpan.Zero };
    }
}
