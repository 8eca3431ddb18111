namespace Millrace;

/// <summary>An event and a document that it changes.</summary>
internal readonly record struct DocumentEvent<TKey, TDocument>(RecordedEvent Recorded, CachedDocument<TKey, TDocument> Cached)
    where TKey : notnull
    where TDocument : class;
