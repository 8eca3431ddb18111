using Commerce.Customers;

namespace Commerce.Live;

/// <summary>
/// The latest events for the live page. A consumer adds the events, and all connected clients read them.
/// </summary>
public sealed class LiveFeed
{
    private const int MaxEntries = 60;

    private readonly Lock _lock = new();
    private readonly Queue<FeedItem> _items = new();

    /// <summary>Returns the consumer that fills the feed.</summary>
    public ConsumerDefinition Consumer() =>
        ConsumerDefinition.Batch("live-feed", EventFilter.OfTypes(FeedItem.Types), AddItems);

    /// <summary>Returns the items after a position, oldest first.</summary>
    public IReadOnlyList<FeedItem> After(long position)
    {
        lock (_lock)
            return [.. _items.Where(item => item.Position > position)];
    }

    /// <summary>Removes the name of a customer who left the shop.</summary>
    private void Forget(CustomerId customer)
    {
        lock (_lock)
        {
            for (var count = _items.Count; count > 0; count--)
                _items.Enqueue(_items.Dequeue().WithoutName(customer));
        }
    }

    private ValueTask AddItems(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        // Only the end of a large batch is visible, so only that part is converted to text.
        foreach (var recorded in events.Skip(events.Count - MaxEntries))
        {
            if (FeedItem.Of(recorded) is not { } item)
                continue;
            lock (_lock)
            {
                _items.Enqueue(item);
                if (_items.Count > MaxEntries)
                    _items.Dequeue();
            }
        }
        foreach (var recorded in events)
        {
            if (recorded.Data is CustomerClosed closed)
                Forget(closed.Customer);
        }

        return ValueTask.CompletedTask;
    }
}
