namespace Millrace.Projecting;

/// <summary>An event and a document that it changes.</summary>
/// <param name="Recorded">The event.</param>
/// <param name="Cached">The document.</param>
/// <param name="Failure">The reason why the event cannot be folded, or null. The event fails after all earlier events
/// were folded.</param>
internal readonly record struct DocumentEvent<TKey, TDocument>(
    RecordedEvent Recorded, CachedDocument<TKey, TDocument> Cached, Exception? Failure = null)
    where TKey : notnull
    where TDocument : class;
