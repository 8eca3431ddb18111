namespace Millrace;

/// <summary>
/// One worker of a projection: finds the keys of its share of the events, then folds all events of its share of the documents.
/// </summary>
internal sealed class FoldWorker<TKey, TDocument>(Projection<TKey, TDocument> projection, int shard)
    where TKey : notnull
    where TDocument : class
{
    private readonly List<TKey> _keysOfOne = [];
    private readonly List<CachedDocument<TKey, TDocument>> _dirty = [];
    private EventFailedException? _failure;

    /// <summary>The keys found, with the index of their event, in order.</summary>
    public List<(int Index, TKey Key)> Keys { get; } = [];

    /// <summary>Decodes a contiguous share of the events, so that the shares one after the other keep the order.</summary>
    public void CollectKeys(IReadOnlyList<RecordedEvent> events, int worker, int workers)
    {
        Keys.Clear();
        var to = (int)((long)events.Count * (worker + 1) / workers);
        for (var i = (int)((long)events.Count * worker / workers); i < to; i++)
        {
            try
            {
                StoredEvents.RequireReadable(events[i]);
                _keysOfOne.Clear();
                projection.CollectKeys(events[i], _keysOfOne);
            }
            catch (Exception exception)
            {
                _failure = new EventFailedException(events[i], exception, isRestDone: false);
                return;
            }
            foreach (var key in _keysOfOne)
                Keys.Add((i, key));
        }
    }

    /// <summary>Folds the events of this worker's documents, in order. With one worker, of all.</summary>
    public void Fold(List<DocumentEvent<TKey, TDocument>> changes, int workers)
    {
        foreach (var (recorded, cached) in changes)
        {
            if ((workers > 1 && cached.Shard != shard) || recorded.Position <= cached.Position)
                continue;
            try
            {
                cached.Document = projection.Fold(cached.Key, cached.Document, recorded);
            }
            catch (Exception exception)
            {
                _failure = new EventFailedException(recorded, exception, isRestDone: false);
                return;
            }
            cached.Position = recorded.Position;
            if (!cached.IsDirty)
            {
                cached.IsDirty = true;
                _dirty.Add(cached);
            }
        }
    }

    /// <summary>The documents that were clean before and are changed now.</summary>
    public IReadOnlyList<CachedDocument<TKey, TDocument>> TakeDirty()
    {
        var dirty = _dirty.ToArray();
        _dirty.Clear();
        return dirty;
    }

    /// <summary>The first event that failed, if one did.</summary>
    public EventFailedException? TakeFailure()
    {
        var failure = _failure;
        _failure = null;
        if (failure is not null)
            _dirty.Clear();
        return failure;
    }
}
