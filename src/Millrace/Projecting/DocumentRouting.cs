using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// Finds the documents that an event changes, and the payload of the event for each document. Decisions can correct the
/// payload, move the event to other keys, or exclude it. Folding, checking and explaining read models all use this
/// class.
/// </summary>
/// <param name="collect">Adds the keys of an event. It throws if application code throws or the event cannot be
/// read.</param>
/// <param name="textOf">Returns the text of a key.</param>
internal sealed class DocumentRouting<TKey>(Action<RecordedEvent, List<TKey>> collect, Func<TKey, string> textOf)
    where TKey : notnull
{
    // There may also be a decision for the key to which an event was moved. The limit prevents endless moves.
    private const int MaxMoves = 8;

    /// <summary>
    /// Returns the documents of an event without duplicates. The method throws the exceptions of application code,
    /// unless the event was corrected because of them.
    /// </summary>
    public List<(RecordedEvent Recorded, TKey Key)> Of(RecordedEvent original, DeadLetterResolutions decisions)
    {
        var routes = new List<(RecordedEvent Recorded, TKey Key)>();
        var keys = new List<TKey>();
        if (decisions.IsExcluded(original.Position, ""))
            return routes;
        var corrected = decisions.Correct(original, "");
        try
        {
            collect(original, keys);
        }
#pragma warning disable CA1031 // The event was corrected because application code cannot find its keys.
        catch (Exception) when (!ReferenceEquals(corrected, original))
#pragma warning restore CA1031
        {
            OfRetriedEvent(new RetriedEvent(corrected, original, "", decisions), routes);
            return routes;
        }
        foreach (var (text, key) in EachOnce(keys))
            OfKey(original, key, text, decisions, routes);
        return routes;
    }

    /// <summary>Adds the documents of an event for a stored key.</summary>
    private void OfKey(
        RecordedEvent original,
        TKey key,
        string text,
        DeadLetterResolutions decisions,
        List<(RecordedEvent Recorded, TKey Key)> routes)
    {
        if (decisions.IsExcluded(original.Position, text))
            return;
        var corrected = decisions.Correct(original, text);
        if (ReferenceEquals(corrected, original))
            Add(routes, original, key);
        else
            OfRetriedEvent(new RetriedEvent(corrected, original, text, decisions), routes);
    }

    /// <summary>Adds the documents of an event that is retried for its dead letter.</summary>
    public void OfRetriedEvent(RetriedEvent retried, List<(RecordedEvent Recorded, TKey Key)> routes) =>
        Route(retried, routes, MaxMoves);

    /// <summary>Adds the documents that an event changes, except documents that have their own decision.</summary>
    private void Route(RetriedEvent retried, List<(RecordedEvent Recorded, TKey Key)> routes, int moves)
    {
        foreach (var key in KeysOf(retried))
        {
            var text = textOf(key);
            var own = text == retried.Key ? null : retried.Decided.FindExactly(retried.Original.Position, text);
            if (own is null)
                Add(routes, retried.Recorded, key);
            else if (own.State == DeadLetterState.Corrected && own.EditedPayload is { } payload && moves > 0)
                Route(retried with { Recorded = retried.Original.With(payload), Key = text }, routes, moves - 1);
        }
    }

    /// <summary>
    /// Returns the documents for which an event is retried. This is the document of its dead letter, or all documents
    /// if the dead letter has no key. If a correction moved the event to other documents, returns only documents that
    /// the stored event does not change.
    /// </summary>
    private IEnumerable<TKey> KeysOf(RetriedEvent retried)
    {
        var found = new List<TKey>();
        collect(retried.Recorded, found);
        if (retried.Key.Length == 0)
            return EachOnce(found).Values;
        foreach (var key in found)
        {
            if (textOf(key) == retried.Key)
                return [key];
        }
        var keysOfOriginal = new List<TKey>();
        if (retried.Original.Data is not UnreadableEvent)
            collect(retried.Original, keysOfOriginal);
        var textsOfOriginal = EachOnce(keysOfOriginal).Keys;
        return EachOnce(found).Where(pair => !textsOfOriginal.Contains(pair.Key)).Select(pair => pair.Value);
    }

    /// <summary>Returns the keys by their texts, in their order. Each text identifies one document.</summary>
    private OrderedDictionary<string, TKey> EachOnce(List<TKey> keys)
    {
        var found = new OrderedDictionary<string, TKey>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
            found.TryAdd(textOf(key), key);
        return found;
    }

    private void Add(List<(RecordedEvent Recorded, TKey Key)> routes, RecordedEvent recorded, TKey key)
    {
        if (routes.Count == 0 || !routes.Exists(route => textOf(route.Key) == textOf(key)))
            routes.Add((recorded, key));
    }
}
