namespace Millrace.Projecting;

/// <summary>A document in the cache of the projection that folds it.</summary>
internal sealed class CachedDocument<TKey, TDocument>(TKey key, string text, int shard)
    where TKey : notnull
    where TDocument : class
{
    public TKey Key { get; } = key;

    public string Text { get; } = text;

    /// <summary>The number of the worker that folds it, so that only one does.</summary>
    public int Shard { get; } = shard;

    public TDocument? Document { get; set; }

    /// <summary>
    /// The position of the last event in the document. This and earlier events are not applied again.
    /// </summary>
    public long Position { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Gets or sets whether the document exists in the collection.</summary>
    public bool IsStored { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>The round in which it was last used.</summary>
    public long UsedAt { get; set; }

    /// <summary>The size when it was last written or read.</summary>
    public int Bytes { get; set; }
}
