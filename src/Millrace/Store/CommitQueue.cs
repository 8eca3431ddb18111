using System.Diagnostics;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The one way into the log: requests that wait at the same moment are committed together (group commit), each with its
/// own outcome.
/// </summary>
/// <remarks>
/// Two lanes: commands first, the work of consumers behind them. Bounded in requests and bytes; full means waiting,
/// then <see cref="StoreBusyException"/>. A request can be cancelled until it is taken for a commit, and not after.
/// Where a commit holds up no thread, a request that meets nobody else is committed by its own caller: handing it over
/// to the loop and back takes as long as half a commit. Where the last batch held several, the loop goes on, so that
/// those that come at the same time are still committed together.
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
    private readonly LinkedList<TaskCompletionSource> _waitingForRoom = new();
    private readonly SemaphoreSlim _signal = new(0);
    private readonly OpenBatch _batch;
    private readonly BatchDelay _batchDelay = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _batchesWithoutBackground;
    private int _lastBatch;
    private bool _isCommitting;
    private int _requests;
    private long _bytes;
    private bool _isSignalled;
    private bool _isClosed;

    public CommitQueue(
        CommitWriter writer, StoreOptions options, TimeProvider time, StoreMetrics metrics, bool hasOwnThread)
    {
        (_writer, _options, _time, _hasOwnThread) = (writer, options, time, hasOwnThread);
        _batch = new OpenBatch(options, isInProcess: hasOwnThread);
        metrics.ObserveQueue(() => Volatile.Read(ref _requests), options.MaxQueuedRequests);
    }

    /// <summary>Whether nothing waits for being committed, nor is about to be.</summary>
    public bool IsIdle => Volatile.Read(ref _requests) == 0;

    private int Waiting
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
            _ = Task.Run(RunOnPool);
    }

    /// <summary>Queues a request and returns its outcome once it is durable.</summary>
    /// <exception cref="StoreBusyException">There was no room in time.</exception>
    /// <exception cref="StorageException">The database failed, or the store is closed.</exception>
    public Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken)
    {
        var pending = PendingCommit.Of(request);
        try
        {
            var room = TryEnqueue(pending, isBackground);
            // Who is queued and cannot give up waits for the outcome and nothing else.
            return room is null && !pending.CommitsOnCaller && !cancellationToken.CanBeCanceled
                ? pending.Task
                : Commit(pending, isBackground, room, cancellationToken);
        }
        catch (StorageException exception)
        {
            return Task.FromException<CommitOutcome>(exception);
        }
    }

    /// <summary>
    /// Queues requests together and returns what became of each once all of them are settled. Giving up leaves open
    /// what becomes of those that are queued.
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
                if (TryEnqueue(all[queued], isBackground) is { } room)
                    await WaitForRoom(all[queued], isBackground, room, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is StoreBusyException or StorageException)
        {
            for (; queued < all.Length; queued++)
                all[queued].Fail(exception);
        }
        return await group.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes nothing new, commits what is queued within the drain limit, and fails what is left.</summary>
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
        new("The store is closed: it takes no more requests.", StorageProblem.Closed);

    private async Task<CommitOutcome> Commit(
        PendingCommit pending,
        bool isBackground,
        LinkedListNode<TaskCompletionSource>? room,
        CancellationToken cancellationToken)
    {
        if (room is not null)
            await WaitForRoom(pending, isBackground, room, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Queues those of a group that there is room for, so that the loop finds them together; returns how
    /// many.</summary>
    private int EnqueueWhileRoom(PendingCommit[] all, bool isBackground)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw Closed();
            var queued = 0;
            for (; queued < all.Length && HasRoom(all[queued]); queued++)
                Enqueue(all[queued], isBackground);
            if (queued > 0)
                Signal();
            return queued;
        }
    }

    /// <summary>Queues the request, or returns what to wait for when there is no room.</summary>
    private LinkedListNode<TaskCompletionSource>? TryEnqueue(PendingCommit pending, bool isBackground)
    {
        lock (_lock)
        {
            if (_isClosed)
                throw Closed();
            if (!HasRoom(pending))
                return _waitingForRoom.AddLast(
                    new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (!pending.IsOfGroup && IsOnlyCaller() && pending.TryTake())
            {
                _requests++;
                _bytes += pending.Bytes;
                _batch.Add(pending);
                (_lastBatch, _isCommitting, pending.CommitsOnCaller) = (1, true, true);
                return null;
            }
            Enqueue(pending, isBackground);
            Signal();
            return null;
        }
    }

    private bool HasRoom(PendingCommit pending) =>
        _requests < _options.MaxQueuedRequests && (_bytes == 0 || _bytes + pending.Bytes <= _options.MaxQueuedBytes);

    private void Enqueue(PendingCommit pending, bool isBackground)
    {
        _requests++;
        _bytes += pending.Bytes;
        (isBackground ? _background : _commands).Enqueue(pending);
    }

    /// <summary>Whether nothing waits, is being committed, or came in company lately. Called under the lock.</summary>
    private bool IsOnlyCaller() =>
        !_hasOwnThread && !_isCommitting && _lastBatch <= 1 && _commands.Count == 0 && _background.Count == 0;

    private async Task WaitForRoom(
        PendingCommit pending,
        bool isBackground,
        LinkedListNode<TaskCompletionSource> place,
        CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var next = place; next is not null; next = TryEnqueue(pending, isBackground))
        {
            try
            {
                var left = _options.QueueTimeout - _time.GetElapsedTime(started);
                left = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                await next.Value.Task.WaitAsync(left, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                LeaveQueue(next);
                throw Busy();
            }
            catch (OperationCanceledException)
            {
                LeaveQueue(next);
                throw;
            }
        }
    }

    /// <summary>Takes a place in the line for room back. If room was just offered to it, the next in the line gets the
    /// offer.</summary>
    private void LeaveQueue(LinkedListNode<TaskCompletionSource> place)
    {
        lock (_lock)
        {
            if (place.List is null)
                OfferRoom();
            else
                _waitingForRoom.Remove(place);
        }
    }

    /// <summary>Lets the first that waits for room try again. Called under the lock.</summary>
    private bool OfferRoom()
    {
        if (_waitingForRoom.First is not { } first)
            return false;
        _waitingForRoom.RemoveFirst();
        first.Value.TrySetResult();
        return true;
    }

    private StoreBusyException Busy() =>
        new(Volatile.Read(ref _requests), Interlocked.Read(ref _bytes), _options.QueueTimeout);

    /// <summary>Wakes the writer once, however many requests arrive before it looks. Called under the lock.</summary>
    private void Signal()
    {
        if (_isSignalled)
            return;
        _isSignalled = true;
        _signal.Release();
    }

    private void RunOnThread()
    {
        while (true) // The thread belongs to this queue alone: blocking it holds up nobody else.
        {
            _signal.Wait();
            Thread.Yield(); // Lets writers that are about to append join the batch.
            var turn = TakeBatch();
            if (turn == CommitLoopAction.Ended)
                break;
            if (turn == CommitLoopAction.Others)
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
            var (before, after) = (Waiting, 0);
            // Not under the lock: a caller that commits itself may be about to make that 1.
            if (_batchDelay.ShouldDelay(before, _lastBatch))
            {
                await Task.Yield();
                after = Waiting;
            }
            var turn = TakeBatch();
            if (turn == CommitLoopAction.Ended)
                break;
            if (turn != CommitLoopAction.Taken)
                continue;
            if (after > 0)
                _batchDelay.Note(before, after);
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
    /// Takes what is queued up to the limits of a batch: commands first, and background work first after a few batches
    /// without it, so that it never starves.
    /// </summary>
    private CommitLoopAction TakeBatch()
    {
        lock (_lock)
        {
            _isSignalled = false;
            if (_isCommitting)
                return CommitLoopAction.Others;
            _batch.Clear();
            var isBackgroundNext = _batchesWithoutBackground >= MaxBatchesWithoutBackground;
            _batchesWithoutBackground = isBackgroundNext || _background.Count == 0 ? 0 : _batchesWithoutBackground + 1;
            Take(isBackgroundNext ? _background : _commands);
            if (!_batch.HasStatements && (isBackgroundNext || _commands.Count == 0))
                Take(isBackgroundNext ? _commands : _background);
            if (_commands.Count + _background.Count > 0 || (_isClosed && _batch.Count > 0))
                Signal(); // Also to see the end: the signal of the closing may be the one that was just used.
            if (_batch.Count == 0)
                return _isClosed && !_isSignalled ? CommitLoopAction.Ended : CommitLoopAction.Others;
            (_lastBatch, _isCommitting) = (_batch.Count, true);
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
                Leave(next);
        }
    }

    private void Finish()
    {
        lock (_lock)
        {
            for (var i = 0; i < _batch.Count; i++)
                Leave(_batch.Requests[i]);
            _batch.Clear();
            _isCommitting = false;
            if (_commands.Count + _background.Count > 0 || _isClosed)
                Signal();
        }
    }

    /// <summary>Gives back the room of a request and lets those waiting for it try again. Called under the
    /// lock.</summary>
    private void Leave(PendingCommit pending)
    {
        _requests--;
        _bytes -= pending.Bytes;
        OfferRoom();
    }

    private void FailRemaining()
    {
        lock (_lock)
        {
            foreach (var pending in _commands.Concat(_background))
                pending.Fail(Closed());
            _commands.Clear();
            _background.Clear();
            while (OfferRoom())
                continue;
        }
        Debug.Assert(_isClosed, "Only a closed queue fails what is left.");
    }
}
