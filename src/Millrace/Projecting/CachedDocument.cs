namespace Millrace.Projecting;

/// <summary>A document in the cache of the projection that folds it.</summary>
internal sealed class CachedDocument<TKey, TDocument>(TKey key, string text, int shard)
    where TKey : notnull
    where TDocument : class
{
    public TKey Key { get; } = key;

    public string Text { get; } = text;

    /// <summary>Gets the number of the worker that folds the document. Only this worker folds it.</summary>
    public int Shard { get; } = shard;

    public TDocument? Document { get; set; }

    /// <summary>
    /// Gets or sets the position of the last event in the document. This event and earlier events are not applied
    /// again.
    /// </summary>
    public long Position { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Gets or sets whether the document exists in the collection.</summary>
    public bool IsStored { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>Gets or sets the number of the cache round in which the document was last used.</summary>
    public long UsedAt { get; set; }

    /// <summary>Gets or sets the size of the document when it was last written or read.</summary>
    public int Bytes { get; set; }
}
