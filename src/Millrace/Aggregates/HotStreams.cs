namespace Millrace;

/// <summary>
/// The states used lately, by stream, bounded; the longest unused goes first. Who enters a stream has it alone, state and all, until he
/// leaves: commands of one node on one stream take turns instead of overtaking each other, and no two ever share a state.
/// </summary>
/// <remarks>
/// Turns only save conflicts: whoever does not get his within the bound goes on without, and the expected version decides. Nobody waits
/// who holds another stream, so that no two wait for each other.
/// </remarks>
internal sealed class HotStreams(int capacity, TimeProvider time)
{
    private const int None = -1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private readonly Dictionary<StreamId, int> _index = [];
    private readonly Dictionary<StreamId, Queue<TaskCompletionSource<object?>>?> _entered = [];
    private Slot[] _slots = [];
    private int _newest = None;
    private int _oldest = None;
    private int _free = None;

    /// <summary>How many states are kept that nobody uses.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _index.Count;
        }
    }

    /// <summary>Enters a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mayWait">Whether to wait for whoever is in it; false for those who hold another stream.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<HotTurn> Enter(StreamId stream, bool mayWait, CancellationToken cancellationToken)
    {
        TaskCompletionSource<object?> turn;
        lock (_lock)
        {
            if (!_entered.TryGetValue(stream, out var waiting))
            {
                _entered.Add(stream, null);
                return new(new HotTurn(IsHeld: true, Take(stream)));
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
                Put(stream, state);
        }
    }

    /// <summary>Keeps a state of a stream that was not entered, unless somebody is in it.</summary>
    public void Offer(StreamId stream, object state)
    {
        lock (_lock)
        {
            if (!_entered.ContainsKey(stream))
                Put(stream, state);
        }
    }

    private async ValueTask<HotTurn> Wait(TaskCompletionSource<object?> turn, CancellationToken cancellationToken)
    {
        try
        {
            return new HotTurn(IsHeld: true, await turn.Task.WaitAsync(Patience, time, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Who gives up must not be given the stream any more; given it at this very moment, it is his to leave again.
            if (!turn.TrySetCanceled(CancellationToken.None))
                return new HotTurn(IsHeld: true, await turn.Task.ConfigureAwait(false));
            cancellationToken.ThrowIfCancellationRequested();
            return default;
        }
    }

    private object? Take(StreamId stream)
    {
        if (!_index.Remove(stream, out var place))
            return null;
        var state = _slots[place].State;
        Release(place);
        return state;
    }

    private void Put(StreamId stream, object state)
    {
        if (capacity == 0)
            return;
        if (_index.Remove(stream, out var before))
            Release(before);
        if (_index.Count == capacity)
        {
            var oldest = _oldest;
            _index.Remove(_slots[oldest].Stream);
            Release(oldest);
        }
        var place = Rent();
        _slots[place] = new Slot { Stream = stream, State = state, Older = _newest, Newer = None };
        if (_newest != None)
            _slots[_newest].Newer = place;
        else
            _oldest = place;
        _newest = place;
        _index.Add(stream, place);
    }

    private int Rent()
    {
        if (_free == None)
            Grow();
        var place = _free;
        _free = _slots[place].Older;
        return place;
    }

    private void Grow()
    {
        var size = _slots.Length;
        Array.Resize(ref _slots, Math.Min(capacity, Math.Max(16, size * 2)));
        for (var i = _slots.Length - 1; i >= size; i--)
        {
            _slots[i].Older = _free;
            _free = i;
        }
    }

    /// <summary>Takes a slot out of the order and frees it.</summary>
    private void Release(int place)
    {
        var slot = _slots[place];
        if (slot.Newer != None)
            _slots[slot.Newer].Older = slot.Older;
        else
            _newest = slot.Older;
        if (slot.Older != None)
            _slots[slot.Older].Newer = slot.Newer;
        else
            _oldest = slot.Newer;
        _slots[place] = new Slot { Older = _free };
        _free = place;
    }

    private struct Slot
    {
        public StreamId Stream;
        public object? State;
        public int Older;
        public int Newer;
    }
}

/// <summary>What came of entering a stream.</summary>
/// <param name="IsHeld">Whether it is the caller's until he leaves it.</param>
/// <param name="State">Its state, if it was in memory.</param>
internal readonly record struct HotTurn(bool IsHeld, object? State);
