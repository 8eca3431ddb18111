using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// The queue of all requests that write to the log. Requests that wait at the same moment are committed together (group
/// commit), each with its own outcome.
/// </summary>
/// <remarks>
/// The queue has two lanes. Requests of commands are committed before requests of consumers. The numbers of queued
/// requests and bytes are limited. When the queue is full, callers wait until the queue timeout, and then get a
/// <see cref="StoreBusyException"/>. A caller can cancel a request until it becomes part of a batch. If commits do not
/// block a thread, a caller with the only request commits it without the loop. This saves the switch to the loop and
/// back, which costs half as much time as a commit. If the last batch contained several requests, the loop commits, so
/// that concurrent requests share a commit.
/// </remarks>
internal sealed class CommitQueue : IAsyncDisposable
{
    private const int MaxBatchesWithoutBackground = 4;

    private readonly CommitWriter _writer;
    private readonly StoreOptions _options;
    private readonly TimeProvider _time;
    private readonly bool _hasOwnThread;
    private readonly Lock _lock = new();
    private readonly Queue<PendingCommit> _commands = new();
    private readonly Queue<PendingCommit> _background = new();
    private readonly QueueCapacity _capacity;
    private readonly SemaphoreSlim _signal = new(0);
    private readonly OpenBatch _batch;
    private readonly BatchDelay _batchDelay = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;
    private int _batchesWithoutBackground;
    private int _lastBatch;
    private bool _isCommitting;
    private bool _isSignalled;
    private bool _isClosed;

    public CommitQueue(
        CommitWriter writer, StoreOptions options, TimeProvider time, StoreMetrics metrics, bool hasOwnThread)
    {
        _writer = writer;
        _options = options;
        _time = time;
        _hasOwnThread = hasOwnThread;
        _capacity = new QueueCapacity(options);
        _batch = new OpenBatch(options, isInProcess: hasOwnThread);
        metrics.ObserveQueue(() => _capacity.Requests, options.MaxQueuedRequests);
    }

    /// <summary>Gets whether no request is queued or being committed.</summary>
    public bool IsIdle => _capacity.Requests == 0;

    /// <summary>Gets whether the writer ended with an error, so that no request can be committed any more.</summary>
    public bool HasFailed => _loop.IsFaulted;

    /// <summary>Gets what the commits show about the availability of the storage.</summary>
    public StoreAvailability Availability => _writer.Availability;

    private int QueuedCount
    {
        get
        {
            lock (_lock)
                return _commands.Count + _background.Count;
        }
    }

    public void Start()
    {
        if (_hasOwnThread)
            new Thread(RunOnThread) { IsBackground = true, Name = "millrace-writer" }.Start();
        else
            _loop = Task.Run(RunOnPool);
    }

    /// <summary>Queues a request, and returns its outcome when the outcome is durable.</summary>
    /// <exception cref="StoreBusyException">The queue was full for the whole queue timeout.</exception>
    /// <exception cref="StorageException">The database failed, or the store is closed.</exception>
    public Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        var pending = PendingCommit.Of(request);
        try
        {
            var waiter = TryEnqueue(pending, isBackground);
            // The request is queued and the caller cannot cancel it, so the caller only waits for the outcome.
            return waiter is null && !pending.CommitsOnCaller && !cancellationToken.CanBeCanceled
                ? pending.Task
                : Commit(pending, isBackground, waiter, cancellationToken);
        }
        catch (StorageException exception)
        {
            return Task.FromException<CommitOutcome>(exception);
        }
    }

    /// <summary>
    /// Queues several requests together, and returns when every request has an outcome. If the caller cancels, the
    /// outcomes of the queued requests are unknown.
    /// </summary>
    /// <exception cref="StorageException">The store is closed.</exception>
    public async Task<CommitResponse[]> CommitAll(
        IReadOnlyList<CommitRequest> requests, bool isBackground, CancellationToken cancellationToken)
    {
        var group = new CommitGroup(requests.Count);
        var all = new PendingCommit[requests.Count];
        for (var i = 0; i < all.Length; i++)
            all[i] = PendingCommit.Of(requests[i], group, i);
        var queued = EnqueueWhileRoom(all, isBackground);
        try
        {
            for (; queued < all.Length; queued++)
            {
                if (TryEnqueue(all[queued], isBackground) is { } waiter)
                    await WaitForRoom(all[queued], isBackground, waiter, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is StoreBusyException or StorageException)
        {
            for (; queued < all.Length; queued++)
                all[queued].Fail(exception);
        }
        return await group.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Refuses new requests, commits queued requests until the drain timeout, and fails the remaining requests.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            Signal();
        }
        using var limit = new CancellationTokenSource(_options.DrainTimeout, _time);
        await Task.WhenAny(_ended.Task, Task.Delay(Timeout.InfiniteTimeSpan, _time, limit.Token)).ConfigureAwait(false);
        FailRemaining();
    }

    private static StorageException Closed() =>
        new("The store is closed and accepts no more requests.", StorageProblem.Closed);

    private async Task<CommitOutcome> Commit(
        PendingCommit pending,
        bool isBackground,
        LinkedListNode<TaskCompletionSource>? waiter,
        CancellationToken cancellationToken)
    {
        if (waiter is not null)
            await WaitForRoom(pending, isBackground, waiter, cancellationToken).ConfigureAwait(false);
        if (pending.CommitsOnCaller)
        {
            await CommitBatch().ConfigureAwait(false);
            return await pending.Task.ConfigureAwait(false);
        }
        pending.Registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingCommit)state!).TryCancel(token), pending);
        try
        {
            return await pending.Task.ConfigureAwait(false);
        }
        finally
        {
            await pending.Registration.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Queues requests of a group until the queue is full, so that the loop finds them together. Returns the number of
    /// queued requests.
    /// </summary>
    private int EnqueueWhileRoom(PendingCommit[] all, bool isBackground)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw Closed();
            var queued = 0;
            for (; queued < all.Length && _capacity.HasRoomFor(all[queued]); queued++)
                Enqueue(all[queued], isBackground);
            if (queued > 0)
                Signal();
            return queued;
        }
    }

    /// <summary>Queues a request. When the queue is full, returns a waiter for capacity instead.</summary>
    private LinkedListNode<TaskCompletionSource>? TryEnqueue(PendingCommit pending, bool isBackground)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw Closed();
            if (!_capacity.HasRoomFor(pending))
                return _capacity.AddWaiter();
            if (!pending.HasGroup && IsOnlyCaller() && pending.TryTake())
            {
                _capacity.Reserve(pending);
                _batch.Add(pending);
                _lastBatch = 1;
                _isCommitting = true;
                pending.CommitsOnCaller = true;
                return null;
            }
            Enqueue(pending, isBackground);
            Signal();
            return null;
        }
    }

    private void Enqueue(PendingCommit pending, bool isBackground)
    {
        _capacity.Reserve(pending);
        (isBackground ? _background : _commands).Enqueue(pending);
    }

    /// <summary>
    /// Returns whether no request is queued or being committed, and the last batch contained at most one request. The
    /// caller must hold the lock.
    /// </summary>
    private bool IsOnlyCaller() =>
        !_hasOwnThread && !_isCommitting && _lastBatch <= 1 && _commands.Count == 0 && _background.Count == 0;

    private async Task WaitForRoom(
        PendingCommit pending,
        bool isBackground,
        LinkedListNode<TaskCompletionSource> waiter,
        CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var next = waiter; next is not null; next = TryEnqueue(pending, isBackground))
        {
            try
            {
                var remainingTime = _options.QueueTimeout - _time.GetElapsedTime(started);
                remainingTime = remainingTime > TimeSpan.Zero ? remainingTime : TimeSpan.Zero;
                await next.Value.Task.WaitAsync(remainingTime, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                RemoveWaiter(next);
                throw _capacity.BusyException();
            }
            catch (OperationCanceledException)
            {
                RemoveWaiter(next);
                throw;
            }
        }
    }

    private void RemoveWaiter(LinkedListNode<TaskCompletionSource> waiter)
    {
        lock (_lock)
            _capacity.RemoveWaiter(waiter);
    }

    /// <summary>
    /// Wakes the loop. Several calls before the loop wakes up have the effect of a single call. The caller must hold
    /// the lock.
    /// </summary>
    private void Signal()
    {
        if (_isSignalled)
            return;
        _isSignalled = true;
        _signal.Release();
    }

    private void RunOnThread()
    {
        while (true) // Only this queue uses the thread, so the loop may block it.
        {
            _signal.Wait();
            Thread.Yield(); // Other callers can now add their requests to the batch.
            var action = TakeBatch();
            if (action == CommitLoopAction.Ended)
                break;
            if (action == CommitLoopAction.Wait)
                continue;
            var commit = CommitBatch();
            if (!commit.IsCompleted)
                commit.AsTask().Wait();
        }
        _ended.TrySetResult();
    }

    private async Task RunOnPool()
    {
        while (true)
        {
            await _signal.WaitAsync().ConfigureAwait(false);
            var queuedBefore = QueuedCount;
            var queuedAfter = 0;
            // Reads _lastBatch without the lock. A caller that commits its own request may set _lastBatch to 1 at the
            // same time.
            if (_batchDelay.ShouldDelay(queuedBefore, _lastBatch))
            {
                await Task.Yield();
                queuedAfter = QueuedCount;
            }
            var action = TakeBatch();
            if (action == CommitLoopAction.Ended)
                break;
            if (action != CommitLoopAction.Taken)
                continue;
            if (queuedAfter > 0)
                _batchDelay.RecordDelay(queuedBefore, queuedAfter);
            await CommitBatch().ConfigureAwait(false);
        }
        _ended.TrySetResult();
    }

    private async ValueTask CommitBatch()
    {
        try
        {
            await _writer.Commit(_batch.Requests).ConfigureAwait(false);
        }
        finally
        {
            Finish();
        }
    }

    /// <summary>
    /// Takes queued requests up to the limits of a batch, requests of commands first. After a few batches without
    /// background requests, the next batch starts with background requests, so that they do not starve.
    /// </summary>
    private CommitLoopAction TakeBatch()
    {
        lock (_lock)
        {
            _isSignalled = false;
            if (_isCommitting)
                return CommitLoopAction.Wait;
            _batch.Clear();
            var isBackgroundNext = _batchesWithoutBackground >= MaxBatchesWithoutBackground;
            _batchesWithoutBackground = isBackgroundNext || _background.Count == 0 ? 0 : _batchesWithoutBackground + 1;
            Take(isBackgroundNext ? _background : _commands);
            if (!_batch.HasStatements && (isBackgroundNext || _commands.Count == 0))
                Take(isBackgroundNext ? _commands : _background);
            if (_commands.Count + _background.Count > 0 || (_isClosed && _batch.Count > 0))
                Signal(); // The loop may have just consumed the signal of DisposeAsync.
            if (_batch.Count == 0)
                return _isClosed && !_isSignalled ? CommitLoopAction.Ended : CommitLoopAction.Wait;
            _lastBatch = _batch.Count;
            _isCommitting = true;
            return CommitLoopAction.Taken;
        }
    }

    private void Take(Queue<PendingCommit> lane)
    {
        while (lane.TryPeek(out var next) && _batch.HasRoomFor(next))
        {
            lane.Dequeue();
            if (next.TryTake())
                _batch.Add(next);
            else
                _capacity.Release(next);
        }
    }

    private void Finish()
    {
        lock (_lock)
        {
            for (var i = 0; i < _batch.Count; i++)
                _capacity.Release(_batch.Requests[i]);
            _batch.Clear();
            _isCommitting = false;
            if (_commands.Count + _background.Count > 0 || _isClosed)
                Signal();
        }
    }

    private void FailRemaining()
    {
        lock (_lock)
        {
            foreach (var pending in _commands.Concat(_background))
                pending.Fail(Closed());
            _commands.Clear();
            _background.Clear();
            _capacity.WakeAll();
        }
        Debug.Assert(_isClosed, "Only a closed queue fails its remaining requests.");
    }
}
