namespace Millrace;

/// <summary>
/// The states used lately, by stream, bounded; the longest unused goes first. Who enters a stream has it alone, state
/// and all, until he leaves: commands of one node on one stream take turns instead of overtaking each other, and no two
/// ever share a state.
/// </summary>
/// <remarks>
/// Turns only save conflicts: whoever does not get his within the bound goes on without, and the expected version
/// decides. Nobody waits who holds another stream, so that no two wait for each other.
/// </remarks>
internal sealed class AggregateCache(int capacity, TimeProvider time)
{
    private static readonly TimeSpan EnterTimeout = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly LruCache<StreamId, object> _states = new(capacity);
    private readonly Dictionary<StreamId, Queue<TaskCompletionSource<object?>>?> _entered = [];

    /// <summary>How many states are kept that nobody uses.</summary>
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
    /// <param name="mayWait">Whether to wait for whoever is in it; false for those who hold another stream.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<AggregateCacheEntry> Enter(StreamId stream, bool mayWait, CancellationToken cancellationToken)
    {
        TaskCompletionSource<object?> turn;
        lock (_lock)
        {
            if (!_entered.TryGetValue(stream, out var waiting))
            {
                _entered.Add(stream, null);
                return new(new AggregateCacheEntry(IsHeld: true, _states.Take(stream)));
            }
            if (!mayWait)
                return default;
            turn = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
            if (waiting is null)
                _entered[stream] = waiting = new();
            waiting.Enqueue(turn);
        }
        return Wait(turn, cancellationToken);
    }

    /// <summary>Leaves a stream that was entered, with its state, or null when that is not to be used again.</summary>
    public void Leave(StreamId stream, object? state)
    {
        lock (_lock)
        {
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

    /// <summary>Keeps a state of a stream that was not entered, unless somebody is in it.</summary>
    public void Offer(StreamId stream, object state)
    {
        lock (_lock)
        {
            if (!_entered.ContainsKey(stream))
                _states.Put(stream, state);
        }
    }

    private async ValueTask<AggregateCacheEntry> Wait(
        TaskCompletionSource<object?> turn, CancellationToken cancellationToken)
    {
        try
        {
            return new AggregateCacheEntry(
                IsHeld: true, await turn.Task.WaitAsync(EnterTimeout, time, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Who gives up must not be given the stream any more; given it at this very moment, it is his to leave
            // again.
            if (!turn.TrySetCanceled(CancellationToken.None))
                return new AggregateCacheEntry(IsHeld: true, await turn.Task.ConfigureAwait(false));
            cancellationToken.ThrowIfCancellationRequested();
            return default;
        }
    }
}

/// <summary>What came of entering a stream.</summary>
/// <param name="IsHeld">Whether it is the caller's until he leaves it.</param>
/// <param name="State">Its state, if it was in memory.</param>
internal readonly record struct AggregateCacheEntry(bool IsHeld, object? State);
