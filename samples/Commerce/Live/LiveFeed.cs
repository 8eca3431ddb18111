namespace Commerce.Live;

/// <summary>The latest events, for the live page: filled by a consumer, read by everybody who looks.</summary>
public sealed class LiveFeed
{
    private const int MaxEntries = 60;

    private readonly Lock _lock = new();
    private readonly Queue<FeedItem> _items = new();

    /// <summary>The consumer that fills it; it begins with what happens from now on.</summary>
    public ConsumerDefinition Consumer() =>
        ConsumerDefinition.Batch("live-feed", EventFilter.OfTypes(FeedItem.Types), Take);

    /// <summary>The items behind a position, oldest first.</summary>
    public IReadOnlyList<FeedItem> After(long position)
    {
        lock (_lock)
            return [.. _items.Where(item => item.Position > position)];
    }

    private ValueTask Take(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        // Of a large batch only its end can be seen, so only that is put into words.
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

        return ValueTask.CompletedTask;
    }
}
