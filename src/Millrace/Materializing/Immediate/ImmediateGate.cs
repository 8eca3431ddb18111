using Millrace.Projecting;
using Millrace.Store;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// Decides which rows a read of an immediate view returns, and what they reflect. Rows are fresh if the last run of the
/// projection followed the view. Otherwise, they are an earlier state, and the answer says so.
/// </summary>
internal sealed class ImmediateGate(HostedImmediate hosted)
{
    private const string StaleProblem =
        "A program that does not know the view has updated the read model, or the projection has just moved to another "
            + "node. The rows are brought up to date or built again.";

    private const string FailedProblem =
        "it failed for a changed document, and it will be built again. 'millrace views' and the log show the error.";

    private const int MaxAttempts = 3;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(100);

    private readonly ReadModelSources _sources = ReadModelSources.Of(hosted.Projection, hosted.Services.Host);

    private EventStore Store => hosted.Services.Store;

    /// <summary>Returns the collection of the read model that this node reads, and this version's own.</summary>
    public async ValueTask<IReadOnlyList<string>> Sources(CancellationToken cancellationToken)
    {
        var current = await _sources.Current(cancellationToken).ConfigureAwait(false);
        var own = Store.ReadModels.Find(hosted.Projection.Name) is { } record
            ? VersionCollections.OwnOf(record, hosted.Projection)
            : hosted.Projection.Collection;
        return current.Collection == own || current.IsOwn ? [current.Collection] : [current.Collection, own];
    }

    /// <summary>Returns the rows to read.</summary>
    /// <exception cref="ViewNotReadyException">There are no valid rows.</exception>
    public async ValueTask<ImmediateEntry> Enter(
        ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var started = Store.Time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var elapsed = Store.Time.GetElapsedTime(started);
            var remaining = after.MaxWait(hosted.Services.Host.Options) - elapsed;
            var rest = after with { Wait = remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero };
            var (found, hasFailed) = await TryEnter(rest, cancellationToken).ConfigureAwait(false);
            if (found is { } rows
                && (rows.Freshness.Problem is null || rows.Freshness.IsFresh || after.Token.IsNone
                    || rest.Wait <= TimeSpan.Zero))
                return rows;
            if (found is null && hasFailed)
                throw new ViewNotReadyException(hosted.View.Name, FailedProblem);
            if (found is null && elapsed >= hosted.View.FirstWait)
                throw NotBuilt();
            await Task.Delay(pause, Store.Time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    private ViewNotReadyException NotBuilt() => new(
        hosted.View.Name,
        $"they were not built within {hosted.View.FirstWait}. A node that declares the view must run the projection "
            + $"'{hosted.Projection.Name}', which must not be divided into partitions. Read it later.");

    private async ValueTask<(ImmediateEntry? Found, bool HasFailed)> TryEnter(
        ReadAfter after, CancellationToken cancellationToken)
    {
        var hasFailed = false;
        foreach (var source in await Sources(cancellationToken).ConfigureAwait(false))
        {
            for (var attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                var (freshness, snapshot) = await new FreshnessGate(hosted.Services.Host, source)
                    .Reach(after, null, cancellationToken)
                    .ConfigureAwait(false);
                // The state is read later than the position, and the rows later than the state.
                var (state, _) = await hosted.States
                    .Find(hosted.View.KeyOf(source), source, cancellationToken)
                    .ConfigureAwait(false);
                hasFailed |= state is { HasFailed: true, Live: null };
                if (state?.Live is not { } live)
                    break;
                var epoch = snapshot.LeaseEpoch ?? 0;
                if (live.LeaseEpoch > epoch && attempt < MaxAttempts)
                    continue; // A new run has started in between.
                var isFollowed = !state.IsUnfollowed && live.LeaseEpoch == epoch
                    && live.LogEpoch == Store.Tail.Head.Epoch
                    && live.Revision >= hosted.Revision;
                if (isFollowed)
                    return (new ImmediateEntry(source, live.Collection, await Fresh(
                        live, freshness, snapshot.Position, cancellationToken).ConfigureAwait(false)), false);
                // With a token of another epoch, the position is unknown.
                if (live.LeaseEpoch > epoch || (snapshot.Position < live.Position && !freshness.IsOtherEpoch)
                    || live.LogEpoch != Store.Tail.Head.Epoch || live.Revision < hosted.Revision)
                    break; // The rows may belong to former documents.
                return (new ImmediateEntry(source, live.Collection, await Stale(
                    live, after, freshness, snapshot.Position, cancellationToken).ConfigureAwait(false)), false);
            }
        }
        return (null, hasFailed);
    }

    private async ValueTask<ViewFreshness> Fresh(
        ImmediateRows live, Freshness freshness, long position, CancellationToken cancellationToken) => new()
        {
            Reflects = new ConsistencyToken(live.LogEpoch, freshness.BlockedEvents > 0 ? 0 : position),
            Freshness = freshness,
            RefreshedAt = await hosted.Services.Clock.Now(cancellationToken).ConfigureAwait(false),
        };

    private async ValueTask<ViewFreshness> Stale(
        ImmediateRows live,
        ReadAfter after,
        Freshness freshness,
        long position,
        CancellationToken cancellationToken)
    {
        var head = Store.Tail.Head;
        var isOtherEpoch = live.LogEpoch != head.Epoch || freshness.IsOtherEpoch;
        // Another program may have handled events that this node has not seen.
        var required = after.Token.IsNone ? Math.Max(head.Position, position) : after.Token.Position;
        var now = await hosted.Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var recorded = await EventTimes.Find(Store, live.Position, cancellationToken).ConfigureAwait(false) ?? now;
        return new ViewFreshness
        {
            Reflects = new ConsistencyToken(live.LogEpoch, freshness.BlockedEvents > 0 ? 0 : live.Position),
            Freshness = isOtherEpoch
                ? Freshness.OfOtherEpoch
                : new Freshness(Math.Max(0, required - live.Position)) { BlockedEvents = freshness.BlockedEvents },
            RefreshedAt = recorded,
            Age = now > recorded ? now - recorded : TimeSpan.Zero,
            Problem = StaleProblem,
        };
    }
}
