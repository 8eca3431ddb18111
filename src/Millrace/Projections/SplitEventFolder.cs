namespace Millrace;

/// <summary>
/// Folds a stored event that is read as several events as one change of a document: all of its parts, or none when one
/// fails.
/// </summary>
internal static class SplitEventFolder
{
    /// <summary>
    /// Finds the keys that an event changes, each once, even if the projection returns one twice. For an event that is
    /// read as several, the keys of all parts.
    /// </summary>
    public static void CollectKeys<TKey, TDocument>(
        Projection<TKey, TDocument> projection, RecordedEvent recorded, List<TKey> keys)
        where TKey : notnull
        where TDocument : class
    {
        var first = keys.Count;
        if (recorded.Data is not EventParts)
        {
            projection.CollectKeys(recorded, keys);
        }
        else
        {
            foreach (var part in recorded.Parts())
                projection.CollectKeys(part, keys);
        }
        if (keys.Count > first + 1)
            RemoveDuplicates(keys, first);
    }

    /// <summary>Removes duplicate keys; the first one keeps its place.</summary>
    private static void RemoveDuplicates<TKey>(List<TKey> keys, int first)
    {
        var seen = new HashSet<TKey>(KeyType<TKey>.Comparer);
        var end = first;
        for (var i = first; i < keys.Count; i++)
        {
            if (seen.Add(keys[i]))
                keys[end++] = keys[i];
        }
        keys.RemoveRange(end, keys.Count - end);
    }

    /// <summary>Returns the document of a key after an event, or after all of its parts that change it.</summary>
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
            if (keys.Contains(key, KeyType<TKey>.Comparer))
                document = projection.Fold(key, document, part);
        }
        return document;
    }
}
