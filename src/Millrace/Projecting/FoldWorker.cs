using Millrace.Consuming;
using Millrace.Consuming.Retries;

namespace Millrace.Projecting;

/// <summary>
/// One worker of a projection: finds the keys of its share of the events, then folds all events of its share of the
/// documents.
/// </summary>
/// <param name="projection">The projection.</param>
/// <param name="storedKey">Returns the text of a key; throws when it cannot be stored.</param>
/// <param name="shard">The number of its share of the cached documents.</param>
/// <param name="isOwn">Returns whether a key belongs to the partition; null when all keys do.</param>
internal sealed class FoldWorker<TKey, TDocument>(
    Projection<TKey, TDocument> projection, Func<TKey, string> storedKey, int shard, Func<string, bool>? isOwn)
    where TKey : notnull
    where TDocument : class
{
    private readonly List<TKey> _eventKeys = [];
    private readonly List<string> _eventKeyTexts = [];
    private readonly List<CachedDocument<TKey, TDocument>> _dirty = [];
    private EventFailedException? _failure;

    /// <summary>The keys that were found, with their events, in order.</summary>
    public List<(RecordedEvent Recorded, TKey Key, string Text)> Keys { get; } = [];

    /// <summary>The events whose keys could not be found or cannot be stored, in order.</summary>
    public List<(RecordedEvent Recorded, Exception Exception)> Keyless { get; } = [];

    /// <summary>Decodes a contiguous share of the events, so that the shares together keep the order.</summary>
    public void CollectKeys(IReadOnlyList<RecordedEvent> events, int worker, int workers, bool takesAll)
    {
        Keys.Clear();
        Keyless.Clear();
        var to = (int)((long)events.Count * (worker + 1) / workers);
        for (var i = (int)((long)events.Count * worker / workers); i < to; i++)
        {
            try
            {
                CollectKeys(events[i], _eventKeys);
            }
#pragma warning disable CA1031 // Application code: any exception is the event's failure.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Keyless.Add((events[i], exception));
                continue;
            }
            for (var j = 0; j < _eventKeys.Count; j++)
            {
                if (isOwn is null || takesAll || isOwn(_eventKeyTexts[j]))
                    Keys.Add((events[i], _eventKeys[j], _eventKeyTexts[j]));
            }
        }
    }

    /// <summary>Finds the keys of one event; throws when a key cannot be stored.</summary>
    public void CollectKeys(RecordedEvent recorded, List<TKey> keys)
    {
        projection.FindKeys(recorded, keys);
        _eventKeyTexts.Clear();
        foreach (var key in keys)
            _eventKeyTexts.Add(storedKey(key));
    }

    /// <summary>
    /// Folds the events of this worker's documents, in order. A single worker folds the events of all documents.
    /// </summary>
    public void Fold(List<DocumentEvent<TKey, TDocument>> changes, int workers, BlockedKeys blockedKeys)
    {
        foreach (var (recorded, cached, known) in changes)
        {
            if ((workers > 1 && cached.Shard != shard) || recorded.Position <= cached.Position)
                continue;
            if (!blockedKeys.IsEmpty && blockedKeys.IsBlocked(cached.Text, recorded.Position))
            {
                if (blockedKeys.Wait(recorded, cached.Text) is not { } full)
                    continue;
                _failure = new EventFailedException(recorded, full, isRemainderDone: false);
                return;
            }
            if ((known ?? TryApply(recorded, cached)) is not { } problem
                || blockedKeys.Fail(recorded, cached.Text, problem) is not { } refusal)
                continue;
            _failure = new EventFailedException(recorded, refusal, isRemainderDone: false);
            return;
        }
    }

    /// <summary>Folds one event into one document, whatever the document already contains.</summary>
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
#pragma warning disable CA1031 // Application code: any exception is the event's failure.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>Returns the documents that have become dirty.</summary>
    public IReadOnlyList<CachedDocument<TKey, TDocument>> TakeDirty()
    {
        var dirty = _dirty.ToArray();
        _dirty.Clear();
        return dirty;
    }

    /// <summary>Drops folded documents that were not taken, because their round was abandoned.</summary>
    public void Forget()
    {
        _dirty.Clear();
        _failure = null;
    }

    /// <summary>Returns the first event at which the worker had to stop, if any.</summary>
    public EventFailedException? TakeFailure()
    {
        var failure = _failure;
        _failure = null;
        if (failure is not null)
            _dirty.Clear();
        return failure;
    }
}
