using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>
/// Decides which rows a read of a view returns. A read waits for the first rows, and for a refresh on read, within
/// their limits. After that, it returns the rows of the last refresh, and why.
/// </summary>
internal sealed class ViewGate(HostedView hosted)
{
    private const string FailedProblem = "The last refresh failed. 'millrace views' and the log show the error.";

    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(250);

    private ViewComputation View => hosted.View;

    private ViewServices Services => hosted.Services;

    /// <summary>Returns the state whose rows are read, and why they are older than wanted; null otherwise.</summary>
    /// <exception cref="ViewNotReadyException">There are no rows yet.</exception>
    public async ValueTask<(ViewRecord Record, string? Problem)> Enter(
        ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var record = await hosted.Find(cancellationToken).ConfigureAwait(false);
        var isOnRead = View.Refresh.Kind == ViewRefreshKind.OnRead;
        if (record?.Live is null)
        {
            var first = new ViewNeed(null, isOnRead ? after : default);
            return (await WaitForRows(record, first, cancellationToken).ConfigureAwait(false), null);
        }
        if (!isOnRead)
            return (record, ProblemOf(record));
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        return await IsOld(record, after, now, cancellationToken).ConfigureAwait(false)
            ? await RefreshOnRead(record, after, now, cancellationToken).ConfigureAwait(false)
            : (record, null);
    }

    /// <summary>
    /// Returns the state after the collection of a state could not be read. If the collection is missing, for example
    /// after a restore, it is built again.
    /// </summary>
    /// <exception cref="ViewNotReadyException">The rows could not be built in time.</exception>
    public async ValueTask<ViewRecord> Reenter(ViewRecord failed, CancellationToken cancellationToken)
    {
        var record = await hosted.Find(cancellationToken).ConfigureAwait(false);
        if (record?.Live is { } live
            && (live != failed.Live
                || await Services.Store.Storage.Documents.HasCollection(live, cancellationToken).ConfigureAwait(false)))
            return record;
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        return await WaitForRows(record, new ViewNeed(now, default), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns what the rows of a state reflect.</summary>
    public async ValueTask<ViewFreshness> StateOf(
        ViewRecord record, ReadAfter after, string? problem, CancellationToken cancellationToken)
    {
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var refreshed = record.RefreshedAt ?? now;
        return new ViewFreshness
        {
            Reflects = new ConsistencyToken(record.LogEpoch, record.Position),
            Freshness = FreshnessOf(record, after),
            RefreshedAt = refreshed,
            Age = now > refreshed ? now - refreshed : TimeSpan.Zero,
            Problem = problem,
        };
    }

    private Freshness FreshnessOf(ViewRecord record, ReadAfter after)
    {
        var head = Services.Store.Tail.Head;
        if (record.LogEpoch != head.Epoch || (!after.Token.IsNone && after.Token.LogEpoch != head.Epoch))
            return Freshness.OfOtherEpoch;
        var required = after.Token.IsNone ? head.Position : after.Token.Position;
        return new Freshness(Math.Max(0, required - record.Position)) { BlockedEvents = record.BlockedEvents };
    }

    private async ValueTask<bool> IsOld(
        ViewRecord record, ReadAfter after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (record.RefreshedAt is not { } refreshed
            || record.LogEpoch != Services.Store.Tail.Head.Epoch
            || await IsBehind(record, after, cancellationToken).ConfigureAwait(false))
            return true;
        if (now - refreshed <= View.Refresh.MaxAge)
            return false;
        if (hosted.HasChanged(record))
            return true;
        // This node may not know the newest events yet.
        var token = await Services.Store.GetToken(cancellationToken).ConfigureAwait(false);
        return token.Position > record.Position;
    }

    /// <summary>
    /// Returns whether the rows lack events up to the token. Tokens of another epoch, and beyond the end of the log,
    /// are ignored, because no refresh can reach them.
    /// </summary>
    private async ValueTask<bool> IsBehind(ViewRecord record, ReadAfter after, CancellationToken cancellationToken)
    {
        var head = Services.Store.Tail.Head;
        if (after.Token.IsNone || after.Token.LogEpoch != head.Epoch || after.Token.Position <= record.Position)
            return false;
        return after.Token.Position <= head.Position
            || after.Token.Position
                <= (await Services.Store.GetToken(cancellationToken).ConfigureAwait(false)).Position;
    }

    private async ValueTask<(ViewRecord Record, string? Problem)> RefreshOnRead(
        ViewRecord record, ReadAfter after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (record.IsPausedAt(now))
            return (record, ProblemOf(record)); // Each read would repeat a failure of seconds ago.
        var wait = after.Wait is { } own && own < View.Refresh.MaxWait ? own : View.Refresh.MaxWait;
        using var limit = new CancellationTokenSource(wait, Services.Store.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var isBehind = await IsBehind(record, after, either.Token).ConfigureAwait(false);
            var isOtherEpoch = record.LogEpoch != Services.Store.Tail.Head.Epoch;
            var need = new ViewNeed(isOtherEpoch ? now : now - View.Refresh.MaxAge, isBehind ? after : default);
            var refreshed = await WaitForPause(record, need, either.Token).ConfigureAwait(false)
                ?? await hosted.Refresher.Refresh(need, either.Token).ConfigureAwait(false);
            return (refreshed, need.IsMetBy(refreshed) ? null : "The read models have not reached the token yet.");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return (record, $"The refresh takes longer than {wait}.");
        }
        catch (ViewRefreshException)
        {
            return (record, FailedProblem);
        }
    }

    /// <summary>
    /// Waits until the pause after the last refresh is over, so that reads with new tokens do not keep the node
    /// computing. Returns a state that meets the need; null if a refresh is necessary.
    /// </summary>
    private async ValueTask<ViewRecord?> WaitForPause(
        ViewRecord record, ViewNeed need, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
            var pause = PauseAfter(record, now);
            if (pause <= TimeSpan.Zero)
                return null;
            await Task.Delay(pause, Services.Store.Time, cancellationToken).ConfigureAwait(false);
            record = await hosted.Find(cancellationToken).ConfigureAwait(false) ?? record;
            if (need.IsMetBy(record))
                return record;
        }
    }

    private static TimeSpan PauseAfter(ViewRecord record, DateTimeOffset now)
    {
        var duration = TimeSpan.FromSeconds(record.DurationSeconds);
        var pause = record.RefreshedAt + duration + (duration > MinPause ? duration : MinPause) - now;
        return pause ?? TimeSpan.Zero;
    }

    /// <summary>The error may contain names of hosts or values, so only operators see it.</summary>
    private static string? ProblemOf(ViewRecord record) => record.Error is null ? null : FailedProblem;

    private async ValueTask<ViewRecord> WaitForRows(
        ViewRecord? record, ViewNeed need, CancellationToken cancellationToken)
    {
        var now = await Services.Clock.Now(cancellationToken).ConfigureAwait(false);
        if (record?.IsPausedAt(now) == true)
            throw new ViewNotReadyException(View.Name, FailedProblem);
        using var limit = new CancellationTokenSource(View.Refresh.FirstWait, Services.Store.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await hosted.Refresher.Refresh(need, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new ViewNotReadyException(
                View.Name, $"the first refresh takes longer than {View.Refresh.FirstWait}. Read it later.");
        }
        catch (ViewRefreshException exception)
        {
            throw new ViewNotReadyException(View.Name, FailedProblem, exception);
        }
    }
}
