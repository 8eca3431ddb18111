namespace Millrace;

/// <summary>
/// What a batch changes, in the order of its events: which event is folded into which document. Where letters are open, events are left out
/// that wait, that were passed over by decision, or whose keys cannot be found.
/// </summary>
internal sealed class FoldPlan<TKey, TDocument>(
    DocumentFormat<TKey, TDocument> format, DocumentCache<TKey, TDocument> cache, FoldWorker<TKey, TDocument>[] workers)
    where TKey : notnull
    where TDocument : class
{
    private readonly List<TKey> _corrected = [];

    /// <summary>Brings the keys that the workers found to their documents.</summary>
    /// <exception cref="EventFailedException">An event can neither be folded nor taken out.</exception>
    public List<DocumentEvent<TKey, TDocument>> Of(IReadOnlyList<RecordedEvent> events, int count, KeyLines lines)
    {
        var changes = new List<DocumentEvent<TKey, TDocument>>(events.Count);
        for (var worker = 0; worker < count; worker++)
        {
            if (!lines.IsEmpty || workers[worker].Keyless.Count > 0)
            {
                Sift(workers[worker], lines, changes);
                continue;
            }
            foreach (var (recorded, key) in workers[worker].Keys)
                changes.Add(new DocumentEvent<TKey, TDocument>(recorded, cache.Take(key)));
        }
        return changes;
    }

    private void Sift(FoldWorker<TKey, TDocument> worker, KeyLines lines, List<DocumentEvent<TKey, TDocument>> changes)
    {
        var next = 0;
        foreach (var (recorded, key) in worker.Keys)
        {
            for (; next < worker.Keyless.Count && worker.Keyless[next].Recorded.Position < recorded.Position; next++)
                Keyless(worker, next, lines, changes);
            if (MustWait(recorded, lines))
                continue;
            var text = format.KeyText(key);
            if (lines.Decided.IsPassedOver(recorded.Position, text))
                continue;
            var corrected = lines.Decided.Correct(recorded, text);
            if (ReferenceEquals(corrected, recorded))
                changes.Add(new DocumentEvent<TKey, TDocument>(recorded, cache.Take(key)));
            else
                Correct(worker, corrected, recorded, text, changes);
        }
        for (; next < worker.Keyless.Count; next++)
            Keyless(worker, next, lines, changes);
    }

    /// <summary>
    /// An event whose keys cannot be found: it was decided about before, waits behind its stream, or holds it from now on.
    /// </summary>
    private void Keyless(
        FoldWorker<TKey, TDocument> worker, int index, KeyLines lines, List<DocumentEvent<TKey, TDocument>> changes)
    {
        var (recorded, exception) = worker.Keyless[index];
        if (lines.Decided.IsPassedOver(recorded.Position, "") || MustWait(recorded, lines))
            return;
        var corrected = lines.Decided.Correct(recorded, "");
        if (!ReferenceEquals(corrected, recorded))
            Correct(worker, corrected, recorded, "", changes);
        else if (lines.Fail(recorded, "", exception) is { } refusal)
            throw new EventFailedException(recorded, refusal, isRestDone: false);
    }

    private static bool MustWait(RecordedEvent recorded, KeyLines lines)
    {
        if (!lines.HoldsStreams || !lines.Holds(recorded.Stream))
            return false;
        return lines.Wait(recorded, "") is { } full ? throw new EventFailedException(recorded, full, isRestDone: false) : true;
    }

    private void Correct(
        FoldWorker<TKey, TDocument> worker, RecordedEvent corrected, RecordedEvent original, string key,
        List<DocumentEvent<TKey, TDocument>> changes)
    {
        worker.CollectKeys(corrected, _corrected);
        foreach (var wanted in KeysOfLetter(worker, original, key, _corrected))
            changes.Add(new DocumentEvent<TKey, TDocument>(corrected, cache.Take(wanted)));
    }

    /// <summary>
    /// The documents for which an event is handled again: that of its letter; or all, when the letter knows none. Where it was corrected so
    /// that it belongs elsewhere, those that the event as it stands in the log does not change.
    /// </summary>
    public List<TKey> KeysOfLetter(FoldWorker<TKey, TDocument> worker, RecordedEvent original, string key, List<TKey> found)
    {
        if (key.Length == 0)
            return [.. found.Distinct()];
        foreach (var one in found)
        {
            if (format.KeyText(one) == key)
                return [one];
        }
        var before = new List<TKey>();
        worker.CollectKeys(original, before);
        return [.. found.Distinct().Where(one => !before.Contains(one))];
    }
}
