using Millrace.Storage;

namespace Millrace;

/// <summary>
/// What an event is, and for which documents, after what was decided about it: as it stands in the log or as corrected;
/// for the keys that it has, for others since it was corrected, or for none. The one rule for those who fold, check and
/// explain read models.
/// </summary>
/// <param name="collect">Adds the keys of an event; throws what the application's code throws, and for what cannot be
/// read.</param>
/// <param name="textOf">The text of a key.</param>
internal sealed class DocumentRouting<TKey>(Action<RecordedEvent, List<TKey>> collect, Func<TKey, string> textOf)
    where TKey : notnull
{
    // An event that was moved to another key may have been decided about there again, and so on: not for ever.
    private const int MaxMoves = 8;

    /// <summary>The documents of an event, each once. What throws is thrown, unless the event was corrected for
    /// that.</summary>
    public List<(RecordedEvent Recorded, TKey Key)> Of(RecordedEvent original, DeadLetterResolutions decided)
    {
        var (places, keys) = (new List<(RecordedEvent Recorded, TKey Key)>(), new List<TKey>());
        if (decided.IsPassedOver(original.Position, ""))
            return places;
        var corrected = decided.Correct(original, "");
        try
        {
            collect(original, keys);
        }
#pragma warning disable CA1031 // The application's own code: somebody corrected the event because it cannot tell the keys.
        catch (Exception) when (!ReferenceEquals(corrected, original))
#pragma warning restore CA1031
        {
            OfRetriedEvent(new RetriedEvent(corrected, original, "", decided), places);
            return places;
        }
        foreach (var (text, key) in EachOnce(keys))
            OfKey(original, key, text, decided, places);
        return places;
    }

    /// <summary>Adds the documents of an event for one of the keys that it has in the log.</summary>
    private void OfKey(
        RecordedEvent original,
        TKey key,
        string text,
        DeadLetterResolutions decided,
        List<(RecordedEvent Recorded, TKey Key)> places)
    {
        if (decided.IsPassedOver(original.Position, text))
            return;
        var corrected = decided.Correct(original, text);
        if (ReferenceEquals(corrected, original))
            Add(places, original, key);
        else
            OfRetriedEvent(new RetriedEvent(corrected, original, text, decided), places);
    }

    /// <summary>Adds the documents of an event that is handled for its letter.</summary>
    public void OfRetriedEvent(RetriedEvent again, List<(RecordedEvent Recorded, TKey Key)> places) =>
        Route(again, places, MaxMoves);

    /// <summary>Brings an event to the documents it changes, but for those that something else was decided
    /// for.</summary>
    private void Route(RetriedEvent again, List<(RecordedEvent Recorded, TKey Key)> places, int moves)
    {
        foreach (var wanted in KeysOf(again))
        {
            var text = textOf(wanted);
            var other = text == again.Key ? null : again.Decided.FindExactly(again.Original.Position, text);
            if (other is null)
                Add(places, again.Recorded, wanted);
            else if (other.State == DeadLetterState.Corrected && other.EditedPayload is { } payload && moves > 0)
                Route(again with { Recorded = again.Original.With(payload), Key = text }, places, moves - 1);
        }
    }

    /// <summary>
    /// The documents for which an event is handled again: that of its letter; or all, when the letter knows none. Where
    /// it was corrected so that it belongs elsewhere, those that the event as it stands in the log does not change.
    /// </summary>
    private IEnumerable<TKey> KeysOf(RetriedEvent again)
    {
        var found = new List<TKey>();
        collect(again.Recorded, found);
        if (again.Key.Length == 0)
            return EachOnce(found).Values;
        foreach (var one in found)
        {
            if (textOf(one) == again.Key)
                return [one];
        }
        var before = new List<TKey>();
        if (again.Original.Data is not UnreadableEvent)
            collect(again.Original, before);
        var texts = EachOnce(before).Keys;
        return EachOnce(found).Where(one => !texts.Contains(one.Key)).Select(one => one.Value);
    }

    /// <summary>By their texts, in their order: what has one text is one document.</summary>
    private OrderedDictionary<string, TKey> EachOnce(List<TKey> keys)
    {
        var found = new OrderedDictionary<string, TKey>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
            found.TryAdd(textOf(key), key);
        return found;
    }

    private void Add(List<(RecordedEvent Recorded, TKey Key)> places, RecordedEvent recorded, TKey key)
    {
        if (places.Count == 0 || !places.Exists(one => textOf(one.Key) == textOf(key)))
            places.Add((recorded, key));
    }
}
