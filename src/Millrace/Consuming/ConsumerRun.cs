using Millrace.Consuming.Leases;
using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>Runs a consumer under one lease: reads events, handles them, commits the effects together with the
/// checkpoint, and waits for more events.</summary>
internal sealed class ConsumerRun
{
    private const int MaxConflicts = 5;
    private static readonly TimeSpan MaxCollectTime = TimeSpan.FromSeconds(2);

    private readonly Consumer _consumer;
    private readonly ConsumerServices _services;
    private readonly ConsumerLease _lease;
    private readonly CancellationToken _abort;
    private readonly ConsumerProcessor _processor;
    private readonly ConsumerProgress _progress;
    private readonly ConsumerOptions _options;
    private readonly TimeProvider _time;
    private readonly LogFeed _feed;
    private readonly FailureBisector _bisector = new();
    private readonly FailureRules _rules;
    private readonly FailureReporter _failureReporter;
    private readonly BlockedKeys _blockedKeys;
    private readonly DeadLetterRetrier _retrier;
    private readonly ConsumerCheckpoint _checkpoint;
    private readonly FailurePause _pause;
    private readonly ExpiredDocumentRemover _expired;
    private readonly ConsumerTrace _trace;

    private long _storedAt;
    private long _handled;
    private long _reached;
    private long _collectingSince;
    private long _lastParked; // The position of the event that last became a dead letter because its commit failed.
    private int _collected;
    private int _conflicts; // The number of successive commits that met a concurrent write of a document.
    private int _suspects; // The number of events that may have caused a failure. If it is 1, the event is the culprit.
    private bool _hasInitialEffects; // True when the next commit also contains the processor's initial effects.
    private bool _commitsInitialFirst;
    private RecordedEvent? _lastEvent;

    public ConsumerRun(Consumer consumer, ConsumerServices services, ConsumerLease lease, CancellationToken abort)
    {
        _consumer = consumer;
        _services = services;
        _lease = lease;
        _abort = abort;
        _processor = consumer.Processor;
        _progress = consumer.Progress;
        _options = services.Options;
        _time = services.Time;
        _feed = LogFeed.For(_processor, services, consumer.Pages);
        _rules = new FailureRules(consumer.Policy, _processor.IsPure, _options, services.Random, _time)
        {
            HasEncryptedValues = services.Store.HasEncryptedValues,
        };
        _failureReporter = new FailureReporter(consumer.Name, services, _rules);
        _blockedKeys = new BlockedKeys(consumer.Name, _rules, _options, consumer.Share.Partition);
        _checkpoint = new ConsumerCheckpoint(consumer, services, lease, abort);
        _pause = new FailurePause(consumer, services, _bisector, _blockedKeys, _failureReporter);
        _expired = new ExpiredDocumentRemover(consumer, services, _checkpoint, _blockedKeys, abort);
        _trace = new ConsumerTrace(_processor, _time);
        _retrier = new DeadLetterRetrier(_processor, services, _blockedKeys, _rules, _failureReporter, abort)
        {
            Commit = (effects, deadLetters) => _checkpoint.Commit(effects, Stored, deadLetters),
            Share = consumer.Share,
        };
        _handled = Stored;
        _reached = Stored;
        _storedAt = _time.GetTimestamp();
    }

    private long Stored => _checkpoint.Position;

    /// <summary>
    /// Gets whether effects of handled events or of the start are to be committed with the checkpoint.
    /// </summary>
    private bool HasUncommittedEffects => _processor.HasEffects && (_collected > 0 || _processor.HasPending);

    public async Task Start()
    {
        ConsumerLog.Begins(_services.Logger, _consumer.Label, Stored, _lease.Epoch);
        await _processor.Prepare(_abort).ConfigureAwait(false);
        await _checkpoint.Start().ConfigureAwait(false);
        if (_processor.BeginsAtEnd && !_checkpoint.IsStored)
        {
            // A storage that needs a lease to store the first checkpoint stores it here, before any event is handled.
            _handled = _consumer.FirstCheckpoint ?? _services.Store.Tail.Head.Position;
            await _checkpoint.Commit(null, _handled, []).ConfigureAwait(false);
        }
        _consumer.MoveTo(_lease, Stored);
        _progress.Set(ConsumerState.CatchingUp);
        await _retrier.Load(Stored).ConfigureAwait(false);
        ReportDeadLetters();
        _consumer.DeadLetters = _blockedKeys.Counts;
        await StartProcessor(Stored).ConfigureAwait(false);
    }

    public async Task Run(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            _abort.ThrowIfCancellationRequested();
            var interrupt = _consumer.Interrupt;
            _suspects = 0;
            try
            {
                if (_consumer.IsPaused)
                {
                    await Pause(interrupt, stopping).ConfigureAwait(false);
                    continue;
                }
                var hasRetried = await TryRetryDeadLetters().ConfigureAwait(false);
                var hasStarted = await StartDueWork().ConfigureAwait(false);
                hasStarted |= await RemoveExpired().ConfigureAwait(false);
                hasStarted |= await _checkpoint.FollowUp().ConfigureAwait(false);
                var hasRead = await Step().ConfigureAwait(false);
                if (!hasRetried && !hasStarted && !hasRead)
                    await Idle(interrupt, stopping).ConfigureAwait(false);
            }
            catch (Exception exception)
                when (exception is not (LeaseLostException or DeadLetterConflictException)
                    && !_abort.IsCancellationRequested)
            {
                await Fail(exception, interrupt, stopping).ConfigureAwait(false);
            }
        }
        await FinishPending().ConfigureAwait(false);
    }

    public async ValueTask End()
    {
        _trace.Abandon();
        _checkpoint.End();
        await _feed.End().ConfigureAwait(false);
        await _processor.End().ConfigureAwait(false);
    }

    private async ValueTask StartProcessor(long position)
    {
        await _processor.Start(position, _abort).ConfigureAwait(false);
        _hasInitialEffects = _processor.HasPending;
    }

    private void ReportDeadLetters()
    {
        _consumer.ReleasedSeen = _blockedKeys.Counts[DeadLetterState.Released];
        _consumer.OpenDeadLetters = _blockedKeys.Count;
    }

    /// <summary>Retries the dead letters that are due or were released. Returns false when there were none.</summary>
    private async ValueTask<bool> TryRetryDeadLetters()
    {
        if (_consumer.TakeReleasedSignal())
        {
            await FinishPending().ConfigureAwait(false);
            await _retrier.RetryReleased(Stored).ConfigureAwait(false);
            ReportDeadLetters();
        }
        if (_blockedKeys.IsEmpty || _blockedKeys.NextDue() is not { } due || due > _time.GetUtcNow())
            return false;
        await FinishPending().ConfigureAwait(false);
        var hasRetried = await _retrier.RetryDue(Stored).ConfigureAwait(false);
        ReportDeadLetters();
        return hasRetried;
    }

    /// <summary>Starts work that is due without an event. Returns false when there was none.</summary>
    private ValueTask<bool> StartDueWork() =>
        _processor.NextDue is { } due && due <= _time.GetUtcNow()
            ? _processor.StartDue(_consumer.Wake, _abort)
            : new(false);

    /// <summary>Removes expired documents. Returns false when there were none.</summary>
    private async ValueTask<bool> RemoveExpired()
    {
        if (!_expired.IsDue || _bisector.IsSearching || !await _expired.Find(_handled).ConfigureAwait(false))
            return false;
        await FinishPending().ConfigureAwait(false);
        return await _expired.Remove().ConfigureAwait(false);
    }

    /// <summary>Commits the events that were handled after the last commit.</summary>
    private async ValueTask FinishPending()
    {
        if (_handled > Stored)
            await Commit().ConfigureAwait(false);
    }

    /// <summary>Reads a batch and handles it. Returns false when there was none.</summary>
    private async ValueTask<bool> Step()
    {
        if (_hasInitialEffects && _commitsInitialFirst)
            await CommitInitialEffects().ConfigureAwait(false);
        if (_bisector.HasCulprit && !_processor.HasEffects)
            // The events before the failing event remain handled while that event fails.
            await FinishPending().ConfigureAwait(false);
        var startedAt = _time.GetTimestamp();
        int? max = _bisector.Until is { } until ? (int)Math.Min(_feed.BatchEvents, until - _handled) : null;
        var batch = await _feed.Read(_handled, max, _abort).ConfigureAwait(false);
        if (_bisector.Until is { } lastPosition)
            batch = batch.Until(lastPosition);
        if (batch.Through <= _handled)
            return false;
        _reached = batch.Through;
        if (batch.Events.Count > 0)
            await Handle(batch.Events).ConfigureAwait(false);
        _handled = batch.Through;
        _expired.Moved();
        if (!HasUncommittedEffects && !_blockedKeys.HasNew)
            _consumer.MoveTo(_lease, _handled, _lastEvent?.Timestamp);
        if (MustCommit(batch.IsLive))
            await Commit().ConfigureAwait(false);
        _processor.Report(batch.Events.Count, startedAt, _services.Store.Tail.Head.Position - _handled);
        if (!_bisector.IsSearching)
            _progress.Set(batch.IsLive ? ConsumerState.Live : ConsumerState.CatchingUp);
        return true;
    }

    private async ValueTask Handle(IReadOnlyList<RecordedEvent> events)
    {
        if (_collected == 0)
            _collectingSince = _time.GetTimestamp();
        _collected += events.Count;
        _suspects = events.Count;
        _lastEvent = events[^1];
        _trace.Add(events);
        await _processor.Handle(events, _blockedKeys, _abort).ConfigureAwait(false);
        _trace.Handled();
    }

    private bool MustCommit(bool isLive)
    {
        if (_handled == _bisector.Until
            || (_blockedKeys.HasNew && !_processor.HasEffects)
            || _blockedKeys.HasNewOfWholeStreams)
            return true;
        if (HasUncommittedEffects)
        {
            return isLive || _processor.IsFull || _collected >= _options.CatchUpEvents
                || _time.GetElapsedTime(_collectingSince) >= MaxCollectTime;
        }
        return _time.GetElapsedTime(_storedAt) >= _options.CheckpointEvery;
    }

    private async ValueTask Commit()
    {
        _trace.Resume();
        _suspects = HasUncommittedEffects ? _collected : 0;
        var parts = HasUncommittedEffects ? await _processor.Collect().ConfigureAwait(false) : [];
        // Everything is in one commit. If the key of an event is unknown, a document with a later position does not
        // show that it lacks the event.
        if (_blockedKeys.HasNewOfWholeStreams && ConsumerEffects.Combine(parts) is { } whole)
            parts = [whole];
        for (var i = 0; i < parts.Count - 1; i++)
            await _checkpoint.Commit(parts[i], Stored, []).ConfigureAwait(false);
        await _checkpoint.Commit(parts.Count > 0 ? parts[^1] : null, _handled, _blockedKeys.NewUntil(_handled))
            .ConfigureAwait(false);
        _processor.Committed();
        if (_blockedKeys.HasNew)
            _failureReporter.Stored(_blockedKeys.Committed(_handled));
        _consumer.OpenDeadLetters = _blockedKeys.Count; // Set before readers see the new position.
        _storedAt = _time.GetTimestamp();
        _consumer.MoveTo(_lease, _handled, _lastEvent?.Timestamp);
        if (_collected > 0)
            _services.Metrics.Finished(_consumer.Name, _collected, _time.GetElapsedTime(_collectingSince));
        _trace.End();
        _collected = 0;
        _suspects = 0;
        _conflicts = 0;
        _hasInitialEffects = false;
        _pause.ReportIfRecovered(_handled);
    }

    /// <summary>Commits the initial effects of the processor before any event. New dead letters are committed later,
    /// with their events.</summary>
    private async ValueTask CommitInitialEffects()
    {
        foreach (var part in await _processor.Collect().ConfigureAwait(false))
            await _checkpoint.Commit(part, Stored, []).ConfigureAwait(false);
        _hasInitialEffects = false;
    }

    private async Task Idle(CancellationToken interrupt, CancellationToken stopping)
    {
        if (HasUncommittedEffects)
            await Commit().ConfigureAwait(false);
        if (_bisector.Until is null && _handled == Stored)
            _pause.ReportIfRecovered(_handled);
        if (!_bisector.IsSearching)
            _progress.Set(ConsumerState.Live);
        var wait = ConsumerProgress.Shorter(
            _handled > Stored ? _options.CheckpointEvery - _time.GetElapsedTime(_storedAt) : Timeout.InfiniteTimeSpan,
            NextDue(),
            _time.GetUtcNow());
        if (wait == Timeout.InfiniteTimeSpan || wait > TimeSpan.Zero)
            await WaitForEvents(wait, interrupt, stopping).ConfigureAwait(false);
        if (_handled > Stored && _time.GetElapsedTime(_storedAt) >= _options.CheckpointEvery)
            await Commit().ConfigureAwait(false);
    }

    private DateTimeOffset? NextDue() =>
        Earlier(
            Earlier(Earlier(_blockedKeys.NextDue(), _processor.NextDue), _checkpoint.NextDue),
            _bisector.IsSearching ? null : _expired.NextDue);

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other : one;

    private async Task Pause(CancellationToken interrupt, CancellationToken stopping)
    {
        await FinishPending().ConfigureAwait(false);
        _progress.Set(ConsumerState.Paused);
        await _checkpoint.FollowWhilePaused(interrupt, stopping).ConfigureAwait(false);
        _progress.Start();
        if (!_consumer.IsPaused)
            _progress.Set(ConsumerState.CatchingUp);
    }

    private async Task WaitForEvents(TimeSpan limit, CancellationToken interrupt, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(limit, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, interrupt, stopping);
        var wait = _services.Store.Tail.WaitBeyond(_handled, any.Token).AsTask();
        if (!_processor.IsBusy)
            _progress.PauseUntil(NextDue(), interrupt); // A due checkpoint is not progress.
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _progress.Wake();
    }

    /// <summary>
    /// Discards uncommitted work. An event that causes the failure becomes a dead letter. After any other failure, the
    /// batch is tried again after a pause, when the earlier events are finished.
    /// </summary>
    private async Task Fail(Exception exception, CancellationToken interrupt, CancellationToken stopping)
    {
        await _feed.Forget().ConfigureAwait(false);
        var failed = exception as EventFailedException;
        var cause = failed?.InnerException ?? exception;
        _trace.End(cause);
        if (failed is { AreEarlierDone: true })
            _consumer.MoveTo(_lease, failed.Recorded.Position - 1);
        _handled = _progress.Position;
        _blockedKeys.Forget(_handled);
        if (failed is null && cause is DocumentConflictException && ++_conflicts <= MaxConflicts)
        {
            // Another client wrote the document before this commit. The repeated batch reads the document again.
            _collected = 0;
            await StartProcessor(_handled).ConfigureAwait(false);
            return;
        }
        var mayBeEvent = _rules.MayBeCausedByEvent(cause, _processor);
        var culprit = failed?.Recorded ?? (_suspects == 1 && mayBeEvent ? _lastEvent : null);
        _collected = 0;
        if (failed is null && mayBeEvent && _hasInitialEffects && !_commitsInitialFirst)
        {
            // The initial effects may cause the failure: next time they are committed before any event.
            _commitsInitialFirst = true;
        }
        else if (culprit is null || !mayBeEvent || !ParkCulprit(culprit, ref cause))
        {
            var mustPause = culprit is not null
                ? _bisector.Found(culprit.Position, _handled)
                : !mayBeEvent || _suspects == 0 || _bisector.Halve(_handled, _reached);
            if (mustPause)
                await _pause.Wait(cause, culprit, interrupt, stopping).ConfigureAwait(false);
        }
        await StartProcessor(_handled).ConfigureAwait(false);
    }

    /// <summary>Turns an event whose commit failed into a dead letter. Returns false if this is not possible, or did
    /// not help the last time.</summary>
    private bool ParkCulprit(RecordedEvent culprit, ref Exception cause)
    {
        if (_lastParked == culprit.Position)
        {
            _lastParked = 0; // The event is retried after a pause, because the cause may be temporary.
            return false;
        }
        _lastParked = culprit.Position;
        var isParked = false;
        foreach (var key in _processor.KeysOf(culprit))
        {
            if (_blockedKeys.Decided.IsExcluded(culprit.Position, key))
                continue;
            isParked = true;
            if (_blockedKeys.Fail(culprit, key, cause) is not { } refusal)
                continue;
            cause = refusal;
            return false;
        }
        return isParked;
    }
}
