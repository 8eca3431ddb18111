namespace Commerce.Live.Stock;

/// <summary>
/// The live stock clients of this node. Changes come from <see cref="StockLog"/> or <see cref="StockChannel"/>.
/// </summary>
public sealed class LiveStock
{
    private readonly Lock _lock = new();
    private readonly List<StockClient> _clients = [];
    private volatile StockClient[] _clientSnapshot = [];
    private int _dropped;

    /// <summary>True when a client is connected.</summary>
    public bool HasClients => _clientSnapshot.Length > 0;

    /// <summary>The number of clients that were dropped because they read too slowly.</summary>
    public int Dropped => Volatile.Read(ref _dropped);

    public void NoteDropped() => Interlocked.Increment(ref _dropped);

    public void Add(StockClient client)
    {
        lock (_lock)
        {
            _clients.Add(client);
            _clientSnapshot = [.. _clients];
        }
    }

    public void Remove(StockClient client)
    {
        lock (_lock)
        {
            _clients.Remove(client);
            _clientSnapshot = [.. _clients];
        }
    }

    /// <summary>Sends a change to all clients that have subscribed to the product.</summary>
    public void Notify(StockChange change)
    {
        foreach (var client in _clientSnapshot)
            client.Notify(change);
    }

    /// <summary>Reads all subscribed products again, because changes may have been missed.</summary>
    public void Reload()
    {
        foreach (var client in _clientSnapshot)
            client.Reload();
    }
}
