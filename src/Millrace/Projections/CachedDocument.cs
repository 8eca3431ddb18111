namespace Millrace;

/// <summary>A document in the hands of the projection that folds it.</summary>
internal sealed class CachedDocument<TKey, TDocument>(TKey key, string text, int shard)
    where TKey : notnull
    where TDocument : class
{
    public TKey Key { get; } = key;

    public string Text { get; } = text;

    /// <summary>Which worker folds it, so that no two do.</summary>
    public int Shard { get; } = shard;

    public TDocument? Document { get; set; }

    /// <summary>The last event it reflects: this and earlier ones are not applied again.</summary>
    public long Position { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Whether the collection holds it.</summary>
    public bool IsStored { get; set; }

    public bool IsDirty { get; set; }

    /// <summary>The round in which it was last needed.</summary>
    public long UsedAt { get; set; }

    /// <summary>How large it was when it was last written or read.</summary>
    public int Bytes { get; set; }
}
