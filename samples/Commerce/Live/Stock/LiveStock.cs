namespace Commerce.Live.Stock;

/// <summary>
/// Who is told of stock on this node. What changes comes from one
/// of <see cref="StockLog"/> and <see cref="StockChannel"/>.
/// </summary>
public sealed class LiveStock
{
    private readonly Lock _lock = new();
    private readonly List<StockClient> _clients = [];
    private volatile StockClient[] _all = [];
    private int _dropped;

    /// <summary>Whether anybody listens.</summary>
    public bool HasClients => _all.Length > 0;

    /// <summary>How many were dropped because they read too slowly.</summary>
    public int Dropped => Volatile.Read(ref _dropped);

    public void NoteDropped() => Interlocked.Increment(ref _dropped);

    public void Add(StockClient client)
    {
        lock (_lock)
        {
            _clients.Add(client);
            _all = [.. _clients];
        }
    }

    public void Remove(StockClient client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
            _all = [.. _clients];
        }
    }

    /// <summary>Tells all who have subscribed to the product.</summary>
    public void Notify(StockChange change)
    {
        foreach (var client in _all)
            client.Notify(change);
    }

    /// <summary>Changes may have been missed: all that somebody has subscribed to is read anew.</summary>
    public void Reload()
    {
        foreach (var client in _all)
            client.Reload();
    }
}
