using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>
/// The subscriptions of one client, and the messages that wait to be sent to it. The state of a product is sent first.
/// Changes that arrive while the state is read are held back, and changes that are not newer than a sent state are
/// dropped. So the client sees neither a gap nor an older value.
/// </summary>
public sealed class StockClient(IStockReader reader, TimeProvider time)
{
    /// <summary>The maximum number of products that a client may subscribe to.</summary>
    public const int MaxProducts = 1_000;

    /// <summary>The maximum time for a client to take a message before it is dropped.</summary>
    public static readonly TimeSpan MaxSendTime = TimeSpan.FromSeconds(10);

    // The products whose state must be read. IsWhole: send the whole state. Otherwise, changes may have been missed,
    // and only the values that are newer than the sent ones are sent.
    private readonly Channel<(ProductId Product, bool IsWhole)> _asked =
        Channel.CreateBounded<(ProductId Product, bool IsWhole)>(4 * MaxProducts);

    private readonly Lock _lock = new(); // Guards the fields below.
    // The subscribed products, with the changes that are held back while the state is read.
    private readonly Dictionary<ProductId, List<StockChange>?> _products = [];
    private readonly Dictionary<InventoryItemId, long> _sent = [];

    /// <summary>Gets the messages to send. The backlog closes when the client is too slow.</summary>
    public StockBacklog Messages { get; } = new();

    /// <summary>True when the client was dropped because it was too slow.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>The callback that runs when the client is too slow.</summary>
    public Action? OnTooSlow { get; set; }

    /// <summary>Subscribes to a product and sends its state, also when it is already subscribed. Returns false when
    /// there are too many products.</summary>
    public bool Subscribe(ProductId product)
    {
        lock (_lock)
        {
            if (!_products.TryGetValue(product, out var held))
            {
                if (_products.Count == MaxProducts)
                    return false;
            }
            else if (held is not null)
            {
                return true; // Its state is already being read.
            }

            if (!_asked.Writer.TryWrite((product, true)))
                return false;
            _products[product] = [];
            return true;
        }
    }

    public void Unsubscribe(ProductId product)
    {
        lock (_lock)
            _products.Remove(product);
    }

    public void Warn(string text)
    {
        if (!Messages.TryWarn(text))
            Drop();
    }

    /// <summary>Waits until a message is sent. Drops a client that does not receive the message in time.</summary>
    public async Task WaitForSend(Task sending)
    {
        try
        {
            await sending.WaitAsync(MaxSendTime, time);
        }
        catch (TimeoutException)
        {
            if (!sending.IsCompleted)
                Drop();
            await sending;
        }
    }

    public void Notify(StockChange change)
    {
        lock (_lock)
        {
            if (!_products.TryGetValue(change.Product, out var held))
                return;
            if (held is not null)
                Hold(held, change);
            else if (MarkSentIfNewer(change))
                Messages.Add(change);
        }
    }

    public void Reload()
    {
        lock (_lock)
        {
            // This includes products whose state is being read, because it may be older than the missed changes.
            foreach (var product in _products.Keys)
            {
                if (!_asked.Writer.TryWrite((product, false)))
                    Drop();
            }
        }
    }

    /// <summary>Reads and sends the requested states until cancelled. A whole state waits until the previous state was
    /// taken.</summary>
    public async Task ReadStates(CancellationToken cancellationToken)
    {
        await foreach (var (product, isWhole) in _asked.Reader.ReadAllAsync(cancellationToken))
        {
            if (isWhole)
                await Messages.StateTaken.WaitAsync(cancellationToken);
            var state = await reader.Read(product, cancellationToken);
            lock (_lock)
            {
                if (isWhole)
                    SendState(product, state);
                else
                    foreach (var change in state)
                        Notify(change);
            }
        }
    }

    private void SendState(ProductId product, IReadOnlyList<StockChange> state)
    {
        if (!_products.TryGetValue(product, out var held) || held is null)
            return; // The client has unsubscribed from the product.
        foreach (var change in state)
            _sent[change.Item] = Math.Max(change.Version, _sent.GetValueOrDefault(change.Item));
        Messages.Add(product, state);
        _products[product] = null;
        foreach (var change in held.Where(MarkSentIfNewer))
            Messages.Add(change);
    }

    /// <summary>Delays a change. When many changes are delayed, keeps only the newest change of each item.</summary>
    private static void Hold(List<StockChange> held, StockChange change)
    {
        if (held.Count >= StockBacklog.MaxWaiting)
            held.RemoveAll(older => older.Item == change.Item && older.Version <= change.Version);
        held.Add(change);
    }

    private bool MarkSentIfNewer(StockChange change)
    {
        if (_sent.GetValueOrDefault(change.Item) >= change.Version)
            return false;
        _sent[change.Item] = change.Version;
        return true;
    }

    private void Drop()
    {
        lock (_lock)
        {
            if (IsTooSlow)
                return;
            IsTooSlow = true;
        }

        Messages.Finish();
        OnTooSlow?.Invoke();
    }
}
