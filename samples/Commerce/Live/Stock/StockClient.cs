using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>
/// What one client has subscribed to, and what waits to be sent to it. The state of a product comes first; changes that
/// arrive while it is read are held back, and whatever is not newer than what was sent is left out. So there is neither
/// a gap nor a step back.
/// </summary>
public sealed class StockClient(IStockReader reader, TimeProvider time)
{
    /// <summary>The most products that a client may subscribe to.</summary>
    public const int MaxProducts = 1_000;

    /// <summary>How long anything that is sent may lie before the client takes it, or is dropped.</summary>
    public static readonly TimeSpan LongestSend = TimeSpan.FromSeconds(10);

    // States that are to be read: to be sent whole, or only for what is news after something may have been missed.
    private readonly Channel<(ProductId Product, bool IsWhole)> _asked =
        Channel.CreateBounded<(ProductId Product, bool IsWhole)>(4 * MaxProducts);

    private readonly Lock _lock = new(); // Guards those below.
    // With what is held back while the state is read.
    private readonly Dictionary<ProductId, List<StockChange>?> _products = [];
    private readonly Dictionary<InventoryItemId, long> _sent = [];

    /// <summary>What is to be sent; ends when the client is too slow.</summary>
    public StockBacklog Messages { get; } = new();

    /// <summary>Whether it is dropped.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Called when it is found to be too slow.</summary>
    public Action? OnTooSlow { get; set; }

    /// <summary>Subscribes to a product, whose state is sent also when it is subscribed to already; false when there
    /// are too many.</summary>
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
                return true; // Its state is on its way.
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

    /// <summary>Waits until what is being sent is taken. A client that does not take it in time is dropped.</summary>
    public async Task Sent(Task sending)
    {
        try
        {
            await sending.WaitAsync(LongestSend, time);
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
            else if (IsNews(change))
                Messages.Add(change);
        }
    }

    public void Reload()
    {
        lock (_lock)
        {
            // Also those whose state is being read: it may be from before what was missed.
            foreach (var product in _products.Keys)
            {
                if (!_asked.Writer.TryWrite((product, false)))
                    Drop();
            }
        }
    }

    /// <summary>Reads the states that are asked for, each when the one before is taken,
    /// until it is cancelled.</summary>
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
            return; // Unsubscribed meanwhile.
        foreach (var change in state)
            _sent[change.Item] = Math.Max(change.Version, _sent.GetValueOrDefault(change.Item));
        Messages.Add(product, state);
        _products[product] = null;
        foreach (var change in held.Where(IsNews))
            Messages.Add(change);
    }

    /// <summary>Of many, only the newest of each item is held.</summary>
    private static void Hold(List<StockChange> held, StockChange change)
    {
        if (held.Count >= StockBacklog.MaxWaiting)
            held.RemoveAll(older => older.Item == change.Item && older.Version <= change.Version);
        held.Add(change);
    }

    private bool IsNews(StockChange change)
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
