using Millrace.Consuming;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Projecting;

/// <summary>
/// Plans the changes of a batch in the order of its events: each event with the document into which it is folded. The
/// plan excludes events that wait for a dead letter, that a decision skips, or whose keys cannot be found.
/// </summary>
internal sealed class FoldPlan<TKey, TDocument>(
    DocumentFormat<TKey, TDocument> format, DocumentCache<TKey, TDocument> cache, FoldWorker<TKey, TDocument>[] workers,
    PartitionKeys share)
    where TKey : notnull
    where TDocument : class
{
    private readonly List<(RecordedEvent Recorded, TKey Key)> _routed = [];

    /// <summary>Returns the events with their documents, from the keys that the workers found.</summary>
    /// <exception cref="EventFailedException">An event can neither be folded nor be stored as a dead
    /// letter.</exception>
    public List<DocumentEvent<TKey, TDocument>> Of(
        IReadOnlyList<RecordedEvent> events, int workerCount, BlockedKeys blockedKeys)
    {
        var changes = new List<DocumentEvent<TKey, TDocument>>(events.Count);
        for (var worker = 0; worker < workerCount; worker++)
        {
            if (!blockedKeys.IsEmpty || workers[worker].WithUnknownKeys.Count > 0)
            {
                SelectFoldable(workers[worker], blockedKeys, changes);
                continue;
            }
            foreach (var (recorded, key, text) in workers[worker].Keys)
                changes.Add(new DocumentEvent<TKey, TDocument>(recorded, cache.Take(key, text)));
        }
        return changes;
    }

    private void SelectFoldable(
        FoldWorker<TKey, TDocument> worker, BlockedKeys blockedKeys, List<DocumentEvent<TKey, TDocument>> changes)
    {
        var next = 0;
        foreach (var (recorded, key, text) in worker.Keys)
        {
            for (;
                next < worker.WithUnknownKeys.Count
                    && worker.WithUnknownKeys[next].Recorded.Position < recorded.Position;
                next++)
                ProcessWithUnknownKeys(worker, next, blockedKeys, changes);
            var isOwn = share.Owns(text);
            var corrected = blockedKeys.Decided.Correct(recorded, text);
            if (!isOwn && ReferenceEquals(corrected, recorded))
                continue;
            // Decisions come first: an event that was finally skipped must not wait, because it would be handled later.
            if (blockedKeys.Decided.IsExcluded(recorded.Position, text) || MustWait(recorded, blockedKeys))
                continue;
            if (ReferenceEquals(corrected, recorded))
                changes.Add(new DocumentEvent<TKey, TDocument>(recorded, cache.Take(key, text)));
            else if (
                TryRoute(worker, new RetriedEvent(corrected, recorded, text, blockedKeys.Decided), changes)
                is not { } failure
            )
                continue;
            else if (!isOwn)
                continue; // The partition of the event's key reports the failure.
            else if (blockedKeys.Decided.FindExactly(recorded.Position, text) is not null)
                // The event fails after all earlier events of its key were folded.
                changes.Add(new DocumentEvent<TKey, TDocument>(corrected, cache.Take(key, text), failure));
            else
                BlockStream(corrected, failure, blockedKeys);
        }
        for (; next < worker.WithUnknownKeys.Count; next++)
            ProcessWithUnknownKeys(worker, next, blockedKeys, changes);
    }

    /// <summary>
    /// Processes an event whose keys cannot be found. If no decision about the event applies, the event waits because
    /// its stream is blocked, or it blocks the stream.
    /// </summary>
    private void ProcessWithUnknownKeys(
        FoldWorker<TKey, TDocument> worker,
        int index,
        BlockedKeys blockedKeys,
        List<DocumentEvent<TKey, TDocument>> changes)
    {
        var (recorded, exception) = worker.WithUnknownKeys[index];
        if (blockedKeys.Decided.IsExcluded(recorded.Position, "") || MustWait(recorded, blockedKeys))
            return;
        var corrected = blockedKeys.Decided.Correct(recorded, "");
        var failure = ReferenceEquals(corrected, recorded)
            ? exception
            : TryRoute(worker, new RetriedEvent(corrected, recorded, "", blockedKeys.Decided), changes);
        if (failure is not null)
            BlockStream(corrected, failure, blockedKeys);
    }

    /// <summary>
    /// Blocks the stream of an event. If the event was corrected for all of its keys, its dead letter does not change.
    /// </summary>
    private static void BlockStream(RecordedEvent recorded, Exception failure, BlockedKeys blockedKeys)
    {
        if (blockedKeys.Fail(recorded, "", failure) is { } refusal)
            throw new EventFailedException(recorded, refusal, areEarlierDone: false);
    }

    private static bool MustWait(RecordedEvent recorded, BlockedKeys blockedKeys)
    {
        if (!blockedKeys.HasBlockedStreams || !blockedKeys.IsBlocked(recorded.Stream, recorded.Position))
            return false;
        return blockedKeys.Wait(recorded, "") is { } full
            ? throw new EventFailedException(recorded, full, areEarlierDone: false)
            : true;
    }

    /// <summary>
    /// Adds the documents of a corrected event. Returns null, or the reason why its keys cannot be found even after the
    /// correction. In this case, no document is added.
    /// </summary>
    private Exception? TryRoute(
        FoldWorker<TKey, TDocument> worker, RetriedEvent corrected, List<DocumentEvent<TKey, TDocument>> changes)
    {
        try
        {
            Route(worker, corrected, changes);
            return null;
        }
#pragma warning disable CA1031 // Any exception of application code is the event's failure.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>Returns the changes of an event that is retried for its dead letter.</summary>
    public List<DocumentEvent<TKey, TDocument>> OfRetriedEvent(FoldWorker<TKey, TDocument> worker, RetriedEvent retried)
    {
        var changes = new List<DocumentEvent<TKey, TDocument>>();
        Route(worker, retried, changes);
        foreach (var (_, key) in _routed)
        {
            // Each partition has its own dead letter for an event without a known key. A correction must not move an
            // event with a known key to another partition.
            if (retried.Key.Length > 0 && !share.Owns(format.KeyText(key)))
                throw new KeyOfOtherPartitionException(format.Collection.Name, retried.Key, format.KeyText(key));
        }
        return changes;
    }

    /// <summary>Adds an event to all documents that it changes, or to no document if the method throws.</summary>
    private void Route(
        FoldWorker<TKey, TDocument> worker, RetriedEvent retried, List<DocumentEvent<TKey, TDocument>> changes)
    {
        _routed.Clear();
        new DocumentRouting<TKey>(worker.CollectKeys, format.KeyText).OfRetriedEvent(retried, _routed);
        foreach (var (recorded, key) in _routed)
        {
            var text = format.StoredKey(key);
            if (share.IsWhole || share.Owns(text))
                changes.Add(new DocumentEvent<TKey, TDocument>(recorded, cache.Take(key, text)));
        }
    }
}
