using Millrace.Streams;

namespace Millrace.Aggregates;

/// <summary>
/// An LRU cache of aggregate states by stream, with a limited size. A caller that enters a stream holds the stream's
/// entry exclusively until it leaves the stream. So commands of one node on the same stream run one after another and
/// never share a state.
/// </summary>
/// <remarks>
/// The wait only avoids conflicts. A caller that cannot enter the stream within the timeout continues without the
/// entry, and the expected version of the append prevents errors. A caller that already holds a stream never waits for
/// another stream, so deadlocks are impossible.
/// </remarks>
internal sealed class AggregateCache(int capacity, TimeProvider time)
{
    private static readonly TimeSpan EnterTimeout = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly HashSet<StreamId> _stale = []; // Entered streams whose states must not be cached again.
    private LruCache<StreamId, object> _states = new(capacity);

    // The waiting callers of each stream that a caller holds; null if no caller waits.
    private readonly Dictionary<StreamId, Queue<TaskCompletionSource<object?>>?> _entered = [];

    /// <summary>Gets the number of cached states that no caller holds.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _states.Count;
        }
    }

    /// <summary>Enters a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mayWait">True to wait for the caller that holds the stream; false if this caller holds another
    /// stream.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public ValueTask<AggregateCacheEntry> Enter(StreamId stream, bool mayWait, CancellationToken cancellationToken)
    {
        TaskCompletionSource<object?> waiter;
        lock (_lock)
        {
            if (!_entered.TryGetValue(stream, out var waiting))
            {
                _entered.Add(stream, null);
                return new(new AggregateCacheEntry(IsHeld: true, _states.Take(stream)));
            }
            if (!mayWait)
                return default;
            waiter = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (waiting is null)
                _entered[stream] = waiting = new();
            waiting.Enqueue(waiter);
        }
        return Wait(waiter, cancellationToken);
    }

    /// <summary>Leaves a stream that the caller has entered.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="state">The state to cache; null if no other command may use the state.</param>
    public void Leave(StreamId stream, object? state)
    {
        lock (_lock)
        {
            if (_stale.Remove(stream))
                state = null;
            var waiting = _entered[stream];
            while (waiting is not null && waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult(state))
                    return;
            }
            _entered.Remove(stream);
            if (state is not null)
                _states.Put(stream, state);
        }
    }

    /// <summary>
    /// Caches the state of a stream that the caller has not entered, unless another caller holds the stream.
    /// </summary>
    public void Offer(StreamId stream, object state)
    {
        lock (_lock)
        {
            if (!_entered.ContainsKey(stream))
                _states.Put(stream, state);
        }
    }

    /// <summary>
    /// Removes all states, for example after keys were destroyed. A state that a caller holds is not cached again.
    /// </summary>
    public void Clear()
    {
        lock (_lock)
        {
            _states = new LruCache<StreamId, object>(capacity);
            _stale.UnionWith(_entered.Keys);
        }
    }

    private async ValueTask<AggregateCacheEntry> Wait(
        TaskCompletionSource<object?> waiter, CancellationToken cancellationToken)
    {
        try
        {
            return new AggregateCacheEntry(
                IsHeld: true, await waiter.Task.WaitAsync(EnterTimeout, time, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // A caller that stops waiting must not receive the stream later. If the stream was passed to this caller
            // at the same moment, the caller holds the stream and must leave it.
            if (!waiter.TrySetCanceled(CancellationToken.None))
                return new AggregateCacheEntry(IsHeld: true, await waiter.Task.ConfigureAwait(false));
            cancellationToken.ThrowIfCancellationRequested();
            return default;
        }
    }
}

/// <summary>The result of entering a stream.</summary>
/// <param name="IsHeld">True if the caller holds the stream, and must leave it.</param>
/// <param name="State">The cached state; null if no state is cached.</param>
internal readonly record struct AggregateCacheEntry(bool IsHeld, object? State);
