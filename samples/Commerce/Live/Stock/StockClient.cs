using System.Threading.Channels;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>
/// What one client has subscribed to, and what waits to be sent to it. The state of a product comes first; changes that arrive while it is
/// read are held back, and whatever is not newer than what was sent is left out. So there is neither a gap nor a step back.
/// </summary>
public sealed class StockClient(IStockReader reader)
{
    /// <summary>The most messages that wait for a client that reads slowly, before it is dropped.</summary>
    public const int MostWaiting = 100;

    /// <summary>The most products that a client may subscribe to.</summary>
    public const int MostProducts = 1_000;

    private readonly Channel<byte[]> _messages = Channel.CreateBounded<byte[]>(MostWaiting);

    // States that are to be read: to be sent whole, or only for what is news after something may have been missed.
    private readonly Channel<(ProductId Product, bool IsWhole)> _asked =
        Channel.CreateBounded<(ProductId Product, bool IsWhole)>(4 * MostProducts);

    private readonly Lock _lock = new(); // Guards those below.
    private bool _isFinished;
    private readonly Dictionary<ProductId, List<StockChange>?> _products = []; // With what is held back while the state is read.
    private readonly Dictionary<InventoryItemId, long> _sent = [];

    /// <summary>What is to be sent; ends when the client is too slow.</summary>
    public ChannelReader<byte[]> Messages => _messages.Reader;

    /// <summary>Whether it is dropped.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Called when it is found to be too slow.</summary>
    public Action? OnTooSlow { get; set; }

    /// <summary>Subscribes to a product, whose state is sent also when it is subscribed to already; false when there are too
    /// many.</summary>
    public bool Subscribe(ProductId product)
    {
        lock (_lock)
        {
            if (!_products.TryGetValue(product, out var held))
            {
                if (_products.Count == MostProducts)
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
        lock (_lock)
            Send(StockMessages.Warning(text));
    }

    public void Tell(StockChange change)
    {
        lock (_lock)
        {
            if (!_products.TryGetValue(change.Product, out var held))
                return;
            if (held is not null)
                held.Add(change);
            else if (IsNews(change))
                Send(StockMessages.Change(change));
        }
    }

    public void ReadAnew()
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

    /// <summary>Reads the states that are asked for, one after the other, until it is cancelled.</summary>
    public async Task ReadStates(CancellationToken cancellationToken)
    {
        await foreach (var (product, isWhole) in _asked.Reader.ReadAllAsync(cancellationToken))
        {
            var state = await reader.Read(product, cancellationToken);
            lock (_lock)
            {
                if (isWhole)
                    SendState(product, state);
                else
                    foreach (var change in state)
                        Tell(change);
            }
        }
    }

    private void SendState(ProductId product, IReadOnlyList<StockChange> state)
    {
        if (!_products.TryGetValue(product, out var held) || held is null)
            return; // Unsubscribed meanwhile.
        foreach (var change in state)
            _sent[change.Item] = Math.Max(change.Version, _sent.GetValueOrDefault(change.Item));
        Send(StockMessages.State(product, state));
        _products[product] = null;
        foreach (var change in held.Where(IsNews))
            Send(StockMessages.Change(change));
    }

    /// <summary>Sends nothing after what waits.</summary>
    public void Finish()
    {
        lock (_lock)
            _isFinished = true;
        _messages.Writer.TryComplete();
    }

    private bool IsNews(StockChange change)
    {
        if (_sent.GetValueOrDefault(change.Item) >= change.Version)
            return false;
        _sent[change.Item] = change.Version;
        return true;
    }

    private void Send(byte[] message)
    {
        if (!_isFinished && !IsTooSlow && !_messages.Writer.TryWrite(message))
            Drop();
    }

    private void Drop()
    {
        if (IsTooSlow)
            return;
        IsTooSlow = true;
        _messages.Writer.TryComplete();
        OnTooSlow?.Invoke();
    }
}
