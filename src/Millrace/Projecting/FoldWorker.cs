using Millrace.Consuming;
using Millrace.Consuming.Retries;

namespace Millrace.Projecting;

/// <summary>
/// A worker of a projection. It finds the keys of its share of the events, and then folds the events of its share of
/// the documents.
/// </summary>
/// <param name="projection">The projection.</param>
/// <param name="storedKey">Returns the text of a key. It throws if the key cannot be stored.</param>
/// <param name="shard">The number of the worker's share of the cached documents.</param>
/// <param name="isOwn">Returns true if a key belongs to the partition. It is null if all keys belong to the
/// partition.</param>
internal sealed class FoldWorker<TKey, TDocument>(
    Projection<TKey, TDocument> projection, Func<TKey, string> storedKey, int shard, Func<string, bool>? isOwn)
    where TKey : notnull
    where TDocument : class
{
    private readonly List<TKey> _eventKeys = [];
    private readonly List<string> _eventKeyTexts = [];
    private readonly List<CachedDocument<TKey, TDocument>> _dirty = [];
    private EventFailedException? _failure;

    /// <summary>Gets the keys that the worker found, with their events, in the order of events.</summary>
    public List<(RecordedEvent Recorded, TKey Key, string Text)> Keys { get; } = [];

    /// <summary>Gets the events whose keys could not be found or cannot be stored, in order.</summary>
    public List<(RecordedEvent Recorded, Exception Exception)> WithUnknownKeys { get; } = [];

    /// <summary>
    /// Finds the keys of a contiguous share of the events. The shares together are in the order of the log.
    /// </summary>
    public void CollectKeys(IReadOnlyList<RecordedEvent> events, int worker, int workerCount, bool takesAllKeys)
    {
        Keys.Clear();
        WithUnknownKeys.Clear();
        var to = (int)((long)events.Count * (worker + 1) / workerCount);
        for (var i = (int)((long)events.Count * worker / workerCount); i < to; i++)
        {
            try
            {
                CollectKeys(events[i], _eventKeys);
            }
#pragma warning disable CA1031 // Any exception of application code is the event's failure.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                WithUnknownKeys.Add((events[i], exception));
                continue;
            }
            for (var j = 0; j < _eventKeys.Count; j++)
            {
                if (isOwn is null || takesAllKeys || isOwn(_eventKeyTexts[j]))
                    Keys.Add((events[i], _eventKeys[j], _eventKeyTexts[j]));
            }
        }
    }

    /// <summary>Finds the keys of an event. Throws if a key cannot be stored.</summary>
    public void CollectKeys(RecordedEvent recorded, List<TKey> keys)
    {
        projection.FindKeys(recorded, keys);
        _eventKeyTexts.Clear();
        foreach (var key in keys)
            _eventKeyTexts.Add(storedKey(key));
    }

    /// <summary>
    /// Folds the events of this worker's documents, in order. If there is only one worker, it folds all events.
    /// </summary>
    public void Fold(List<DocumentEvent<TKey, TDocument>> changes, int workerCount, BlockedKeys blockedKeys)
    {
        foreach (var (recorded, cached, keyFailure) in changes)
        {
            if ((workerCount > 1 && cached.Shard != shard) || recorded.Position <= cached.Position)
                continue;
            if (!blockedKeys.IsEmpty && blockedKeys.IsBlocked(cached.Text, recorded.Position))
            {
                if (blockedKeys.Wait(recorded, cached.Text) is not { } full)
                    continue;
                _failure = new EventFailedException(recorded, full, areEarlierDone: false);
                return;
            }
            if ((keyFailure ?? TryApply(recorded, cached)) is not { } problem
                || blockedKeys.Fail(recorded, cached.Text, problem) is not { } refusal)
                continue;
            _failure = new EventFailedException(recorded, refusal, areEarlierDone: false);
            return;
        }
    }

    /// <summary>Folds an event into a document, even if the document already contains the event.</summary>
    public void Apply(RecordedEvent recorded, CachedDocument<TKey, TDocument> cached)
    {
        cached.Document = projection.FoldParts(cached.Key, cached.Document, recorded);
        cached.Position = Math.Max(cached.Position, recorded.Position);
        if (cached.IsDirty)
            return;
        cached.IsDirty = true;
        _dirty.Add(cached);
    }

    private Exception? TryApply(RecordedEvent recorded, CachedDocument<TKey, TDocument> cached)
    {
        try
        {
            Apply(recorded, cached);
            return null;
        }
#pragma warning disable CA1031 // Any exception of application code is the event's failure.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>Returns the documents that have become dirty, and forgets them.</summary>
    public IReadOnlyList<CachedDocument<TKey, TDocument>> TakeDirty()
    {
        var dirty = _dirty.ToArray();
        _dirty.Clear();
        return dirty;
    }

    /// <summary>Forgets the dirty documents and the failure of an abandoned batch.</summary>
    public void Forget()
    {
        _dirty.Clear();
        _failure = null;
    }

    /// <summary>Returns and forgets the failure at which the worker had to stop, or returns null.</summary>
    public EventFailedException? TakeFailure()
    {
        var failure = _failure;
        _failure = null;
        if (failure is not null)
            _dirty.Clear();
        return failure;
    }
}
