namespace Millrace.Projecting;

/// <summary>An event and a document that it changes.</summary>
/// <param name="Recorded">The event.</param>
/// <param name="Cached">The document.</param>
/// <param name="Failure">The reason why it cannot be folded, if it is already known. The event then fails in its
/// order.</param>
internal readonly record struct DocumentEvent<TKey, TDocument>(
    RecordedEvent Recorded, CachedDocument<TKey, TDocument> Cached, Exception? Failure = null)
    where TKey : notnull
    where TDocument : class;
