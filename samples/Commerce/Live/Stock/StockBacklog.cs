using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>
/// The messages that wait to be sent to one client, in order. Up to a limit, every change waits separately. Above the
/// limit, only the newest change of each item waits, because it replaces the older changes. The number of subscribed
/// items limits the size.
/// </summary>
public sealed class StockBacklog
{
    /// <summary>The maximum number of changes that wait separately.</summary>
    public const int MaxWaiting = 100;

    private const int MaxWarnings = 100;

    // Signals that messages may be waiting, or that the backlog has ended.
    private readonly Channel<bool> _more = Channel.CreateBounded<bool>(1);
    private readonly Lock _lock = new(); // Guards the fields below.
    private readonly Queue<(byte[] Message, TaskCompletionSource? Taken)> _waiting = [];
    // The newest change of each item beyond the limit. Empty while there is room.
    private readonly OrderedDictionary<InventoryItemId, StockChange> _behind = [];
    private Task _stateTaken = Task.CompletedTask;
    private bool _isFinished;

    /// <summary>
    /// Completes when no state is waiting. The next state is read only after the last one was taken from the backlog.
    /// </summary>
    public Task StateTaken
    {
        get
        {
            lock (_lock)
                return _stateTaken;
        }
    }

    /// <summary>Waits until a message may be waiting. Returns false when the backlog is closed.</summary>
    public ValueTask<bool> WaitForMore(CancellationToken cancellationToken) =>
        _more.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Removes and returns the next message to send.</summary>
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

    /// <summary>Adds the state of a product. Later changes that the state already contains are not sent.</summary>
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

    /// <summary>Adds a warning. Returns false when too many warnings are waiting.</summary>
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

    /// <summary>Closes the backlog for new messages. Waiting messages are still sent.</summary>
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
