namespace Millrace.Storage.Caching;

/// <summary>
/// Keeps a copy of a log up to date. Callers that wait at the same time share one round of requests, which starts after
/// the last of them called.
/// </summary>
internal sealed class LogFollower(ILogStorage log, ILogCopy copy)
{
    private const int PageEvents = 1_000;
    private const int PageRemovals = 1_000;
    private const int PageStreams = 1_000;

    // The first round reads the whole log. Requests of the storage have shorter limits.
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _running;
    private TaskCompletionSource? _waiting;
    private LogHead _seen;
    private long _lastRemoval;
    private long _removalRounds;

    /// <summary>Gets what the copy contains, for <see cref="Keep"/>.</summary>
    public (long Removals, long Position) State
    {
        get
        {
            lock (_lock)
                return (_removalRounds, _seen.Position);
        }
    }

    /// <summary>Waits until the copy contains all that was committed before the call.</summary>
    public ValueTask CatchUp(CancellationToken cancellationToken)
    {
        TaskCompletionSource round;
        lock (_lock)
        {
            if (_running is not null)
            {
                // The running round may have asked for the end of the log before this call.
                round = _waiting ??= NewRound();
                return new ValueTask(round.Task.WaitAsync(cancellationToken));
            }
            round = _running = NewRound();
        }
        var leading = Lead(round);
        return leading.IsCompleted ? leading : new ValueTask(leading.AsTask().WaitAsync(cancellationToken));
    }

    /// <summary>Gives a page to the copy, unless events were removed since it was requested.</summary>
    /// <param name="query">The query of the page.</param>
    /// <param name="page">The page.</param>
    /// <param name="before">The state before the request.</param>
    public void Keep(StreamPageQuery query, EventPage page, (long Removals, long Position) before)
    {
        lock (_lock)
        {
            if (before.Removals == _removalRounds)
                copy.Keep(query, page, before.Position);
        }
    }

    private static TaskCompletionSource NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs a round, and starts the next one if callers wait for it.</summary>
    private async ValueTask Lead(TaskCompletionSource round)
    {
        try
        {
            using var limit = new CancellationTokenSource(RoundTimeout);
            await Run(limit.Token).ConfigureAwait(false);
            round.SetResult();
        }
        catch (Exception failure)
        {
            round.SetException(failure);
            _ = round.Task.Exception; // This caller receives it; there may be no other.
            throw;
        }
        finally
        {
            TaskCompletionSource? next;
            lock (_lock)
                (next, _running, _waiting) = (_waiting, _waiting, null);
            if (next is not null)
                _ = Task.Run(() => LeadForOthers(next), CancellationToken.None);
        }
    }

    private async Task LeadForOthers(TaskCompletionSource round) =>
        await Lead(round).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async ValueTask Run(CancellationToken cancellationToken)
    {
        var removal = log.ReadRemovals(long.MaxValue, 1, cancellationToken).AsTask();
        var update = log.ReadUpdate(_seen, PageEvents, cancellationToken).AsTask(); // At the same time.
        await Task.WhenAll(removal, update).ConfigureAwait(false);
        var (head, events) = await update.ConfigureAwait(false);
        var lastRemoval = (await removal.ConfigureAwait(false)).Next;
        if (head.Epoch != _seen.Epoch)
            await Restart(head, lastRemoval, cancellationToken).ConfigureAwait(false);
        else if (lastRemoval > _lastRemoval)
            await ApplyRemovals(cancellationToken).ConfigureAwait(false);
        if (head.Position <= _seen.Position)
            return;
        if (events.Count > 0 || !copy.IsWhole)
            Add(events, head.Position);
        else
            await ReadUpTo(head.Position, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Empties the copy, and fills it if it is to contain the whole log.</summary>
    private async ValueTask Restart(LogHead head, long lastRemoval, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _removalRounds++;
            copy.Clear(copy.IsWhole ? 0 : head.Position);
            _seen = head with { Position = copy.IsWhole ? 0 : head.Position };
        }
        _lastRemoval = lastRemoval;
        if (!copy.IsWhole)
            return;
        await ReadUpTo(head.Position, cancellationToken).ConfigureAwait(false);
        if (lastRemoval > 0)
            await ReadHeads(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReadUpTo(long position, CancellationToken cancellationToken)
    {
        var first = new LogPageQuery(EventFilter.All, _seen.Position + 1, IsBackwards: false, PageEvents);
        var pages = log.ReadPages(first);
        await using var _ = pages.ConfigureAwait(false);
        while (_seen.Position < position)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            var end = page.IsEnd ? Math.Max(position, page.Next - 1) : page.Next - 1;
            Add(page.Events, end);
        }
    }

    private void Add(IReadOnlyList<RecordedEvent> events, long position)
    {
        lock (_lock)
        {
            if (events.Count == 0 && position - _seen.Position > PageEvents && !copy.IsWhole)
                copy.Clear(position); // Events that were not read can belong to any stream.
            else
                copy.Add(events, position);
            _seen = _seen with { Position = position };
        }
    }

    /// <summary>Reads the heads of all streams that were removed from before the copy was filled.</summary>
    private async ValueTask ReadHeads(CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var streams = await log.ListStreams("", after, PageStreams, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                foreach (var one in streams)
                {
                    if (one.FirstVersion > 1 || one.State != StreamState.Open)
                        copy.Remove(null, one.Stream, new StreamHead(one.Version, one.FirstVersion, one.State));
                }
            }
            after = streams.Count < PageStreams ? null : streams[^1].Stream.Value;
        } while (after is not null);
    }

    private async ValueTask ApplyRemovals(CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await log.ReadRemovals(_lastRemoval, PageRemovals, cancellationToken).ConfigureAwait(false);
            foreach (var (_, record) in page.Removals)
            {
                var head = await log.GetStream(record.Stream, cancellationToken).ConfigureAwait(false);
                lock (_lock)
                {
                    _removalRounds++;
                    copy.Remove(record, record.Stream, head);
                }
            }
            _lastRemoval = page.Next;
            if (page.Removals.Count < PageRemovals)
                return;
        }
    }
}
