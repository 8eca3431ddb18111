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
    private bool _needsHeads; // Heads of streams that were removed from before the copy was filled.

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
        return leading.IsCompleted ? leading : WaitFor(leading.AsTask(), cancellationToken);
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

    private static async ValueTask WaitFor(Task leading, CancellationToken cancellationToken)
    {
        try
        {
            await leading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!leading.IsCompleted)
        {
            _ = leading.ContinueWith(
                static failed => _ = failed.Exception, // Nobody waits for it any more.
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
            throw;
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
        if (head.Epoch != _seen.Epoch || head.Position < _seen.Position)
            Restart(head, lastRemoval);
        await AddUpTo(head, events, cancellationToken).ConfigureAwait(false);
        if (_needsHeads)
            await ReadHeads(cancellationToken).ConfigureAwait(false);
        _needsHeads = false;
        // After the events, so that a removed event is in the copy when it is removed there.
        if (lastRemoval > _lastRemoval)
            await ApplyRemovals(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Empties the copy, because the log is another one.</summary>
    private void Restart(LogHead head, long lastRemoval)
    {
        lock (_lock)
        {
            _removalRounds++;
            _seen = head with { Position = copy.IsWhole ? 0 : head.Position };
            copy.Clear(_seen.Position);
        }
        _lastRemoval = lastRemoval;
        _needsHeads = copy.IsWhole && lastRemoval > 0;
    }

    /// <summary>Adds the new events, if the update contains them all; otherwise reads them.</summary>
    private async ValueTask AddUpTo(
        LogHead head, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        if (head.Position <= _seen.Position)
            return;
        var found = events
            .Where(recorded => recorded.Position > _seen.Position && recorded.Position <= head.Position)
            .ToList();
        if (found.Count == head.Position - _seen.Position)
            Add(found, head.Position);
        else if (copy.IsWhole)
            await ReadUpTo(head.Position, cancellationToken).ConfigureAwait(false);
        else
            Skip(head.Position);
    }

    private async ValueTask ReadUpTo(long position, CancellationToken cancellationToken)
    {
        var first = new LogPageQuery(EventFilter.All, _seen.Position + 1, IsBackwards: false, PageEvents);
        var pages = log.ReadPages(first);
        await using var _ = pages.ConfigureAwait(false);
        while (_seen.Position < position)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            Add(page.Events, page.IsEnd ? Math.Max(position, page.Next - 1) : page.Next - 1);
        }
    }

    private void Add(IReadOnlyList<RecordedEvent> events, long position)
    {
        lock (_lock)
        {
            copy.Add(events, position);
            _seen = _seen with { Position = position };
        }
    }

    /// <summary>Empties the copy, because events that were not read can belong to any of its streams.</summary>
    private void Skip(long position)
    {
        lock (_lock)
        {
            copy.Clear(position);
            _seen = _seen with { Position = position };
        }
    }

    /// <summary>Reads the heads of the streams that were removed from before the copy was filled.</summary>
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
