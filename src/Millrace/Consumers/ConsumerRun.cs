using Millrace.Storage;

namespace Millrace;

/// <summary>A consumer's work under one lease: read, handle, commit the effects together with the checkpoint, wait for more.</summary>
internal sealed class ConsumerRun(Consumer consumer, ConsumerServices services, ConsumerLease lease, CancellationToken abort)
{
    private static readonly TimeSpan LongestCollecting = TimeSpan.FromSeconds(2);

    private readonly ConsumerWork _work = consumer.Work;
    private readonly ConsumerProgress _progress = consumer.Progress;
    private readonly ConsumerOptions _options = services.Options;
    private readonly TimeProvider _time = services.Time;
    private readonly LogFeed _feed = new(services.Store, consumer.Work.Filter, consumer.Work.MostEvents, services.Options);
    private readonly FailureSearch _search = new();

    private long _stored = lease.Checkpoint;
    private long _storedAt = services.Time.GetTimestamp();
    private long _handled = lease.Checkpoint;
    private long _reached = lease.Checkpoint;
    private long _collectingSince;
    private int _collected;
    private RecordedEvent? _last;

    /// <summary>Whether there is something to write with the checkpoint: from events handled, or from the beginning of the work.</summary>
    private bool HasUncommittedEffects => _work.HasEffects && (_collected > 0 || _work.HasPending);

    public async Task Begin()
    {
        ConsumerLog.Begins(services.Logger, consumer.Name, _stored, lease.Epoch);
        await _work.Prepare(abort).ConfigureAwait(false);
        if (_work.BeginsAtEnd && _stored == 0 && lease.Epoch == 1)
        {
            _handled = services.Store.Tail.Head.Position;
            await CommitPart(null, _handled).ConfigureAwait(false);
            _stored = _handled;
        }
        consumer.MoveTo(lease, _stored);
        _progress.Set(ConsumerState.CatchingUp);
        await _work.Begin(_stored, abort).ConfigureAwait(false);
    }

    public async Task Work(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            abort.ThrowIfCancellationRequested();
            var interrupt = consumer.Interrupt;
            try
            {
                if (consumer.IsPaused)
                    await Pause(interrupt, stopping).ConfigureAwait(false);
                else if (!await Step().ConfigureAwait(false))
                    await Idle(interrupt, stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not LeaseLostException && !abort.IsCancellationRequested)
            {
                await Fail(exception, interrupt, stopping).ConfigureAwait(false);
            }
        }
        if (_handled > _stored)
            await Commit().ConfigureAwait(false);
    }

    public ValueTask End() => _feed.Forget();

    /// <summary>Takes a batch and handles it. False when there was none.</summary>
    private async ValueTask<bool> Step()
    {
        var limit = _search.Until is { } until ? (int)Math.Min(_options.BatchEvents, until - _handled) : _options.BatchEvents;
        var batch = await _feed.Read(_handled, limit, abort).ConfigureAwait(false);
        if (_search.Until is { } cut)
            batch = batch.Until(cut);
        if (batch.Through <= _handled)
            return false;
        _reached = batch.Through;
        if (batch.Events.Count > 0)
            await Handle(batch.Events).ConfigureAwait(false);
        _handled = batch.Through;
        if (!HasUncommittedEffects)
            consumer.MoveTo(lease, _handled, _last?.Timestamp);
        if (MustCommit(batch.IsLive))
            await Commit().ConfigureAwait(false);
        if (!_search.IsSearching)
            _progress.Set(batch.IsLive ? ConsumerState.Live : ConsumerState.CatchingUp);
        return true;
    }

    private async ValueTask Handle(IReadOnlyList<RecordedEvent> events)
    {
        if (_collected == 0)
            _collectingSince = _time.GetTimestamp();
        _collected += events.Count;
        _last = events[^1];
        using var span = ConsumerMetrics.BeginSpan(consumer.Name, events);
        await _work.Handle(events, abort).ConfigureAwait(false);
    }

    private bool MustCommit(bool isLive)
    {
        if (_handled == _search.Until)
            return true;
        if (HasUncommittedEffects)
        {
            return isLive || _work.IsFull || _collected >= _options.CatchUpEvents
                || _time.GetElapsedTime(_collectingSince) >= LongestCollecting;
        }
        return _time.GetElapsedTime(_storedAt) >= _options.CheckpointEvery;
    }

    private async ValueTask Commit()
    {
        var parts = HasUncommittedEffects ? await _work.Collect().ConfigureAwait(false) : [];
        for (var i = 0; i < parts.Count - 1; i++)
            await CommitPart(parts[i], _stored).ConfigureAwait(false);
        await CommitPart(parts.Count > 0 ? parts[^1] : null, _handled).ConfigureAwait(false);
        _work.Committed();
        (_stored, _storedAt) = (_handled, _time.GetTimestamp());
        consumer.MoveTo(lease, _handled, _last?.Timestamp);
        if (_collected > 0)
            services.Metrics.Finished(consumer.Name, _collected, _time.GetElapsedTime(_collectingSince));
        _collected = 0;
        if (_search.Passed(_handled))
            ConsumerLog.GoesOn(services.Logger, consumer.Name, _handled);
    }

    private async ValueTask CommitPart(ConsumerEffects? effects, long to)
    {
        var request = new CommitRequest
        {
            Documents = effects?.Documents ?? [],
            Statements = effects?.Statements ?? [],
            Checkpoint = new CheckpointMove(consumer.Name, 0, lease.Epoch, _stored, to),
        };
        var outcome = await services.Store.TryCommit(request, isBackground: true, abort).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
    }

    private async Task Idle(CancellationToken interrupt, CancellationToken stopping)
    {
        if (HasUncommittedEffects)
            await Commit().ConfigureAwait(false);
        if (_search.Until is null && _handled == _stored)
            _search.Passed(_handled);
        if (!_search.IsSearching)
            _progress.Set(ConsumerState.Live);
        var wait = _handled > _stored ? _options.CheckpointEvery - _time.GetElapsedTime(_storedAt) : Timeout.InfiniteTimeSpan;
        if (_handled == _stored || wait > TimeSpan.Zero)
            await WaitForEvents(wait, interrupt, stopping).ConfigureAwait(false);
        if (_handled > _stored && _time.GetElapsedTime(_storedAt) >= _options.CheckpointEvery)
            await Commit().ConfigureAwait(false);
    }

    private async Task Pause(CancellationToken interrupt, CancellationToken stopping)
    {
        if (_handled > _stored)
            await Commit().ConfigureAwait(false);
        _progress.Set(ConsumerState.Paused);
        await consumer.Wait(Timeout.InfiniteTimeSpan, interrupt, stopping).ConfigureAwait(false);
        _progress.Begin();
        if (!consumer.IsPaused)
            _progress.Set(ConsumerState.CatchingUp);
    }

    private async Task WaitForEvents(TimeSpan limit, CancellationToken interrupt, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, interrupt, stopping);
        var wait = services.Store.Tail.WaitBeyond(_handled, any.Token).AsTask();
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Forgets what is not committed, finishes what comes before the failure, and tries the failure itself again after a pause.
    /// </summary>
    private async Task Fail(Exception exception, CancellationToken interrupt, CancellationToken stopping)
    {
        await _feed.Forget().ConfigureAwait(false);
        var failed = exception as EventFailedException;
        var cause = failed?.InnerException ?? exception;
        if (failed is { IsRestDone: true })
            consumer.MoveTo(lease, failed.Recorded.Position - 1);
        _handled = _progress.Position;
        var culprit = failed?.Recorded ?? (_collected == 1 && MayBeAnEventsFault(cause) ? _last : null);
        var mustPause = culprit is not null
            ? _search.Found(culprit.Position, _handled)
            : !MayBeAnEventsFault(cause) || _search.Halve(_handled, _reached);
        _collected = 0;
        services.Metrics.Failed(consumer.Name, cause);
        if (mustPause)
            await PauseAfter(cause, culprit, interrupt, stopping).ConfigureAwait(false);
        await _work.Begin(_handled, abort).ConfigureAwait(false);
    }

    private async Task PauseAfter(Exception cause, RecordedEvent? culprit, CancellationToken interrupt, CancellationToken stopping)
    {
        var failures = _search.Failed();
        var problem = ConsumerProblem.Of(cause, culprit, failures, _time.GetUtcNow());
        var delay = services.Retries.DelayAfter(failures);
        var isStalled = failures > _options.Retries;
        _progress.Set(isStalled ? ConsumerState.Stalled : ConsumerState.CatchingUp, problem);
        if (failures == _options.Retries + 1)
            ConsumerLog.Stalled(services.Logger, consumer.Name, failures, problem.ToString(), cause);
        else if (!isStalled)
            ConsumerLog.Failed(services.Logger, consumer.Name, failures, delay.TotalMilliseconds, problem.ToString(), cause);
        await consumer.Wait(delay, interrupt, stopping).ConfigureAwait(false);
    }

    /// <summary>Whether a failed commit may be due to what an event asked for, and not to the state of the database.</summary>
    private static bool MayBeAnEventsFault(Exception exception) =>
        exception is not StorageException storage || storage.Problem is StorageProblem.Other or StorageProblem.Statement;
}
