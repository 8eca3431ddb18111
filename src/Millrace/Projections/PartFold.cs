namespace Millrace;

/// <summary>
/// Folds a stored event that is read as several as one change of a document: all of its parts that concern it, or, when one fails, none.
/// </summary>
internal static class PartFold
{
    /// <summary>The keys that an event changes; of one that is read as several, those that any part changes, each once.</summary>
    public static void CollectKeys<TKey, TDocument>(Projection<TKey, TDocument> projection, RecordedEvent recorded, List<TKey> keys)
        where TKey : notnull
        where TDocument : class
    {
        if (recorded.Data is not EventParts)
        {
            projection.CollectKeys(recorded, keys);
            return;
        }
        var found = new List<TKey>();
        foreach (var part in recorded.Parts())
            projection.CollectKeys(part, found);
        keys.AddRange(found.Distinct());
    }

    /// <summary>The document of a key after an event, or after all of its parts that change it.</summary>
    public static TDocument? Fold<TKey, TDocument>(
        Projection<TKey, TDocument> projection, TKey key, TDocument? document, RecordedEvent recorded)
        where TKey : notnull
        where TDocument : class
    {
        if (recorded.Data is not EventParts)
            return projection.Fold(key, document, recorded);
        var keys = new List<TKey>();
        foreach (var part in recorded.Parts())
        {
            keys.Clear();
            projection.CollectKeys(part, keys);
            if (keys.Contains(key))
                document = projection.Fold(key, document, part);
        }
        return document;
    }
}
