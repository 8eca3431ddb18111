using Millrace.Storage;

namespace Millrace;

/// <summary>A consumer's work under one lease: read, handle, commit the effects together with the checkpoint, wait for
/// more.</summary>
internal sealed class ConsumerRun
{
    private const int MaxConflicts = 5;
    private static readonly TimeSpan MaxCollectTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(20);

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

    private long? _checkpoint; // As it stands in the store.
    private long _storedAt;
    private long _handled;
    private long _reached;
    private long _collectingSince;
    private long _takenOut;
    private int _collected;
    private int _conflicts; // How often the last commit met a document that somebody had written meanwhile.
    private bool _isCircuitOpen;
    private int _suspects; // How many events the step in hand may fail for: one of one is the culprit.
    private bool _clears; // Whether the next commit also carries what the work begins with.
    private bool _clearsAlone;
    private RecordedEvent? _last;

    public ConsumerRun(Consumer consumer, ConsumerServices services, ConsumerLease lease, CancellationToken abort)
    {
        (_consumer, _services, _lease, _abort) = (consumer, services, lease, abort);
        (_processor, _progress, _options, _time) = (
            consumer.Processor, consumer.Progress, services.Options, services.Time);
        _feed = new LogFeed(services.Store, _processor.Filter, _processor.MaxEvents, _options, consumer.Pages)
        {
            MaxBytes = _processor.MaxBytes,
        };
        _rules = new FailureRules(consumer.Policy, _processor.IsPure, _options, services.Random, _time);
        _failureReporter = new FailureReporter(consumer.Name, services, _rules);
        _blockedKeys = new BlockedKeys(consumer.Name, _rules, _options, consumer.Share.Partition);
        _retrier = new DeadLetterRetrier(_processor, services, _blockedKeys, _rules, _failureReporter, abort)
        {
            Commit = (effects, letters) => CommitPart(effects, Stored, letters),
            Share = consumer.Share,
        };
        _checkpoint = lease.Checkpoint;
        _handled = _reached = Stored;
        _storedAt = _time.GetTimestamp();
    }

    private long Stored => _checkpoint ?? 0;

    /// <summary>Whether there is something to write with the checkpoint: from events handled, or from the beginning of
    /// the work.</summary>
    private bool HasUncommittedEffects => _processor.HasEffects && (_collected > 0 || _processor.HasPending);

    public async Task Start()
    {
        ConsumerLog.Begins(_services.Logger, _consumer.Label, Stored, _lease.Epoch);
        await _processor.Prepare(_abort).ConfigureAwait(false);
        if (_processor.BeginsAtEnd && _checkpoint is null)
        {
            // The storage does not store a first checkpoint before the lease: it is stored here, before anything else
            // happens.
            _handled = _consumer.FirstCheckpoint ?? _services.Store.Tail.Head.Position;
            await CommitPart(null, _handled, []).ConfigureAwait(false);
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
                    await Pause(interrupt, stopping).ConfigureAwait(false);
                else if (!await TryRetryDeadLetters().ConfigureAwait(false) & !await TryDue().ConfigureAwait(false)
                    & !await Step().ConfigureAwait(false))
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
        await _feed.End().ConfigureAwait(false);
        await _processor.End().ConfigureAwait(false);
    }

    private async ValueTask StartProcessor(long position)
    {
        await _processor.Start(position, _abort).ConfigureAwait(false);
        _clears = _processor.HasPending;
    }

    private void ReportDeadLetters()
    {
        _consumer.ReleasedSeen = _blockedKeys.Counts[DeadLetterState.Released];
        _consumer.OpenDeadLetters = _blockedKeys.Count;
    }

    /// <summary>Tries the letters whose turn it is, and looks at what was decided elsewhere. False when there was
    /// nothing to do.</summary>
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
        var hasTried = await _retrier.TryDue(Stored).ConfigureAwait(false);
        ReportDeadLetters();
        return hasTried;
    }

    /// <summary>Begins what is due without an event. False when there was nothing.</summary>
    private ValueTask<bool> TryDue() =>
        _processor.NextDue is { } due && due <= _time.GetUtcNow()
            ? _processor.StartDue(_consumer.Wake, _abort)
            : new(false);

    /// <summary>Commits what is in hand, if anything is.</summary>
    private async ValueTask FinishPending()
    {
        if (_handled > Stored)
            await Commit().ConfigureAwait(false);
    }

    /// <summary>Takes a batch and handles it. False when there was none.</summary>
    private async ValueTask<bool> Step()
    {
        if (_clears && _clearsAlone)
            await CommitBeginning().ConfigureAwait(false);
        if (_bisector.HasCulprit && !_processor.HasEffects)
            // What is done before the event that fails stays done, for as long as it fails.
            await FinishPending().ConfigureAwait(false);
        var limit = _bisector.Until is { } until
            ? (int)Math.Min(_options.BatchEvents, until - _handled)
            : _options.BatchEvents;
        var batch = await _feed.Read(_handled, limit, _abort).ConfigureAwait(false);
        if (_bisector.Until is { } cut)
            batch = batch.Until(cut);
        if (batch.Through <= _handled)
            return false;
        _reached = batch.Through;
        if (batch.Events.Count > 0)
            await Handle(batch.Events).ConfigureAwait(false);
        _handled = batch.Through;
        if (!HasUncommittedEffects && !_blockedKeys.HasNew)
            _consumer.MoveTo(_lease, _handled, _last?.Timestamp);
        if (MustCommit(batch.IsLive))
            await Commit().ConfigureAwait(false);
        if (!_bisector.IsSearching)
            _progress.Set(batch.IsLive ? ConsumerState.Live : ConsumerState.CatchingUp);
        return true;
    }

    private async ValueTask Handle(IReadOnlyList<RecordedEvent> events)
    {
        if (_collected == 0)
            _collectingSince = _time.GetTimestamp();
        _collected += events.Count;
        (_suspects, _last) = (events.Count, events[^1]);
        using var span = ConsumerMetrics.StartSpan(_consumer.Name, events);
        await _processor.Handle(events, _blockedKeys, _abort).ConfigureAwait(false);
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
        _suspects = HasUncommittedEffects ? _collected : 0;
        var parts = HasUncommittedEffects ? await _processor.Collect().ConfigureAwait(false) : [];
        // All or nothing: of an event without a known key, documents that have moved past it do not tell that it is
        // missing.
        if (_blockedKeys.HasNewOfWholeStreams && ConsumerEffects.Whole(parts) is { } whole)
            parts = [whole];
        for (var i = 0; i < parts.Count - 1; i++)
            await CommitPart(parts[i], Stored, []).ConfigureAwait(false);
        await CommitPart(parts.Count > 0 ? parts[^1] : null, _handled, _blockedKeys.NewUntil(_handled))
            .ConfigureAwait(false);
        _processor.Committed();
        if (_blockedKeys.HasNew)
            _failureReporter.Stored(_blockedKeys.Committed(_handled));
        _consumer.OpenDeadLetters = _blockedKeys.Count; // Before readers are told how far it is.
        _storedAt = _time.GetTimestamp();
        _consumer.MoveTo(_lease, _handled, _last?.Timestamp);
        if (_collected > 0)
            _services.Metrics.Finished(_consumer.Name, _collected, _time.GetElapsedTime(_collectingSince));
        (_collected, _suspects, _conflicts, _clears) = (0, 0, 0, false);
        ReportIfRecovered();
    }

    /// <summary>Commits what the work begins with, before any event. Letters in hand are of events to come: they go
    /// with those.</summary>
    private async ValueTask CommitBeginning()
    {
        foreach (var part in await _processor.Collect().ConfigureAwait(false))
            await CommitPart(part, Stored, []).ConfigureAwait(false);
        _clears = false;
    }

    private async ValueTask CommitPart(ConsumerEffects? effects, long to, IReadOnlyList<DeadLetterChange> letters)
    {
        var request = new CommitRequest
        {
            Documents = effects?.Documents ?? [],
            Statements = effects?.Statements ?? [],
            DeadLetters = letters,
            Checkpoint = new CheckpointMove(_consumer.Name, _consumer.Share.Partition, _lease.Epoch, _checkpoint, to),
        };
        var outcome = await _services.Store.TryCommit(request, isBackground: true, _abort).ConfigureAwait(false);
        if (outcome.Refusal is { } refusal)
            throw refusal;
        _checkpoint = to;
    }

    private async Task Idle(CancellationToken interrupt, CancellationToken stopping)
    {
        if (HasUncommittedEffects)
            await Commit().ConfigureAwait(false);
        if (_bisector.Until is null && _handled == Stored)
            ReportIfRecovered();
        if (!_bisector.IsSearching)
            _progress.Set(ConsumerState.Live);
        var wait = Shorter(
            _handled > Stored ? _options.CheckpointEvery - _time.GetElapsedTime(_storedAt) : Timeout.InfiniteTimeSpan,
            NextDue());
        if (wait == Timeout.InfiniteTimeSpan || wait > TimeSpan.Zero)
            await WaitForEvents(wait, interrupt, stopping).ConfigureAwait(false);
        if (_handled > Stored && _time.GetElapsedTime(_storedAt) >= _options.CheckpointEvery)
            await Commit().ConfigureAwait(false);
    }

    private void ReportIfRecovered()
    {
        var hasPassed = _bisector.Passed(_handled);
        if (!hasPassed && (!_isCircuitOpen || _bisector.IsSearching))
            return;
        _isCircuitOpen = false;
        _failureReporter.Recovered(_handled);
    }

    private DateTimeOffset? NextDue() =>
        _blockedKeys.NextDue() is { } letter && (_processor.NextDue is not { } other || letter < other)
            ? letter
            : _processor.NextDue;

    private TimeSpan Shorter(TimeSpan wait, DateTimeOffset? due) =>
        ConsumerProgress.Shorter(wait, due, _time.GetUtcNow());

    private async Task Pause(CancellationToken interrupt, CancellationToken stopping)
    {
        await FinishPending().ConfigureAwait(false);
        _progress.Set(ConsumerState.Paused);
        await _consumer.Wait(Timeout.InfiniteTimeSpan, interrupt, stopping).ConfigureAwait(false);
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
            _progress.PauseUntil(NextDue(), interrupt); // A checkpoint that is due shows nobody anything.
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _progress.Wake();
    }

    /// <summary>
    /// Forgets what is not committed. An event at fault is taken out of the batch; what is no event's fault is tried
    /// again after a pause, when all that comes before it is finished.
    /// </summary>
    private async Task Fail(Exception exception, CancellationToken interrupt, CancellationToken stopping)
    {
        await _feed.Forget().ConfigureAwait(false);
        var failed = exception as EventFailedException;
        var cause = failed?.InnerException ?? exception;
        if (failed is { IsRemainderDone: true })
            _consumer.MoveTo(_lease, failed.Recorded.Position - 1);
        _handled = _progress.Position;
        _blockedKeys.Forget(_handled);
        if (failed is null && cause is DocumentConflictException && ++_conflicts <= MaxConflicts)
        {
            // Somebody wrote a document between its reading and this commit: with what it is now, all is well.
            _collected = 0;
            await StartProcessor(_handled).ConfigureAwait(false);
            return;
        }
        var mayBeAnEvents = _rules.MayBeCausedByEvent(cause, _processor);
        var culprit = failed?.Recorded ?? (_suspects == 1 && mayBeAnEvents ? _last : null);
        _collected = 0;
        if (failed is null && mayBeAnEvents && _clears && !_clearsAlone)
        {
            // It may be the fault of what the work begins with: the next time that is committed before any event.
            _clearsAlone = true;
        }
        else if (culprit is null || !mayBeAnEvents || !ParkCulprit(culprit, ref cause))
        {
            var mustPause = culprit is not null
                ? _bisector.Found(culprit.Position, _handled)
                : !mayBeAnEvents || _suspects == 0 || _bisector.Halve(_handled, _reached);
            if (mustPause)
                await PauseAfter(cause, culprit, interrupt, stopping).ConfigureAwait(false);
        }
        await StartProcessor(_handled).ConfigureAwait(false);
    }

    /// <summary>Makes an event whose commit failed a dead letter. False when that is not possible, or did not help the
    /// last time.</summary>
    private bool ParkCulprit(RecordedEvent culprit, ref Exception cause)
    {
        if (_takenOut == culprit.Position)
        {
            _takenOut = 0; // After a pause once more: what was in the way may have passed.
            return false;
        }
        _takenOut = culprit.Position;
        var isTaken = false;
        foreach (var key in _processor.KeysOf(culprit))
        {
            if (_blockedKeys.Decided.IsPassedOver(culprit.Position, key))
                continue;
            isTaken = true;
            if (_blockedKeys.Fail(culprit, key, cause) is not { } refusal)
                continue;
            cause = refusal;
            return false;
        }
        return isTaken;
    }

    /// <summary>Waits until a service outside is probed again. No attempt is spent on that.</summary>
    private async Task WaitForCircuit(
        CircuitOpenException open, RecordedEvent? culprit, CancellationToken interrupt, CancellationToken stopping)
    {
        _progress.Set(ConsumerState.CircuitOpen, ConsumerProblem.Of(open, culprit, 0, _time.GetUtcNow(), _processor));
        if (!_isCircuitOpen)
        {
            ConsumerLog.CircuitOpen(_services.Logger, _consumer.Name, open.Circuit, open.RetryAfter.TotalMilliseconds);
            _failureReporter.CircuitOpen(open.Circuit);
        }
        _isCircuitOpen = true;
        var wait = open.RetryAfter > MinWait ? open.RetryAfter : MinWait;
        await _consumer
            .Wait(wait < _options.MaxRetryDelay ? wait : _options.MaxRetryDelay, interrupt, stopping)
            .ConfigureAwait(false);
    }

    private async Task PauseAfter(
        Exception cause, RecordedEvent? culprit, CancellationToken interrupt, CancellationToken stopping)
    {
        if (CircuitOpenException.FindIn(cause) is { } open)
        {
            await WaitForCircuit(open, culprit, interrupt, stopping).ConfigureAwait(false);
            return;
        }
        var failures = _bisector.Failed();
        var isFull = cause is KeyBacklogFullException;
        var problem = ConsumerProblem.Of(cause, culprit, failures, _time.GetUtcNow(), _processor);
        var delay = _services.Retries.DelayAfter(failures);
        var isStalled = isFull || failures > _options.Retries;
        _services.Metrics.Failed(_consumer.Name, cause);
        _progress.Set(isStalled ? ConsumerState.Stalled : ConsumerState.CatchingUp, problem);
        if (failures == (isFull ? 1 : _options.Retries + 1))
        {
            ConsumerLog.Stalled(_services.Logger, _consumer.Name, _services.Node, failures, problem.ToString(), cause);
            _failureReporter.Stalled(problem.ToString());
        }
        else if (!isStalled)
        {
            ConsumerLog.Failed(
                _services.Logger, _consumer.Name, failures, delay.TotalMilliseconds, problem.ToString(), cause);
        }
        await _consumer
            .Wait(isFull ? Shorter(delay, _blockedKeys.NextDue()) : delay, interrupt, stopping)
            .ConfigureAwait(false);
    }
}
