using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>
/// What waits to be sent to one client, in order. Each change waits by itself while there is room; behind that only the
/// newest of each item does, which says what those before it said. So it is bounded by what the client has subscribed
/// to, however much happens at once.
/// </summary>
public sealed class StockBacklog
{
    /// <summary>The most changes that wait each by itself.</summary>
    public const int MaxWaiting = 100;

    private const int MaxWarnings = 100;

    // Whether something may wait, or it has ended.
    private readonly Channel<bool> _more = Channel.CreateBounded<bool>(1);
    private readonly Lock _lock = new(); // Guards those below.
    private readonly Queue<(byte[] Message, TaskCompletionSource? Taken)> _waiting = [];
    // Empty while there is room before it.
    private readonly OrderedDictionary<InventoryItemId, StockChange> _behind = [];
    private Task _stateTaken = Task.CompletedTask;
    private bool _isFinished;

    /// <summary>Done when no state waits: who asks for many gets the next when it has taken the last.</summary>
    public Task StateTaken
    {
        get
        {
            lock (_lock)
                return _stateTaken;
        }
    }

    /// <summary>Waits until something may wait; false when nothing more comes.</summary>
    public ValueTask<bool> WaitForMore(CancellationToken cancellationToken) =>
        _more.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes what is to be sent next.</summary>
    public bool TryTake([NotNullWhen(true)] out byte[]? message)
    {
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out var next))
            {
                _more.Reader.TryRead(out _);
                message = null;
                return false;
            }

            next.Taken?.SetResult();
            while (_waiting.Count < MaxWaiting && _behind.Count > 0)
            {
                _waiting.Enqueue((StockMessages.Change(_behind.GetAt(0).Value), null));
                _behind.RemoveAt(0);
            }

            message = next.Message;
            return true;
        }
    }

    public void Add(StockChange change)
    {
        lock (_lock)
        {
            if (_isFinished)
                return;
            if (_waiting.Count < MaxWaiting)
                Enqueue(StockMessages.Change(change));
            else
                _behind[change.Item] = change;
        }
    }

    /// <summary>Adds the state of a product; changes behind it that it contains already are not sent.</summary>
    public void Add(ProductId product, IReadOnlyList<StockChange> state)
    {
        lock (_lock)
        {
            if (_isFinished)
                return;
            foreach (var change in state)
            {
                if (_behind.TryGetValue(change.Item, out var older) && older.Version <= change.Version)
                    _behind.Remove(change.Item);
            }

            var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _stateTaken = taken.Task;
            Enqueue(StockMessages.State(product, state), taken);
        }
    }

    /// <summary>Adds a warning; false when there are too many.</summary>
    public bool TryWarn(string text)
    {
        lock (_lock)
        {
            if (_isFinished)
                return true;
            if (_waiting.Count >= MaxWaiting + MaxWarnings)
                return false;
            Enqueue(StockMessages.Warning(text));
            return true;
        }
    }

    /// <summary>Takes nothing more; what waits is to be sent still.</summary>
    public void Finish()
    {
        lock (_lock)
            _isFinished = true;
        _more.Writer.TryComplete();
    }

    private void Enqueue(byte[] message, TaskCompletionSource? taken = null)
    {
        _waiting.Enqueue((message, taken));
        _more.Writer.TryWrite(true);
    }
}
