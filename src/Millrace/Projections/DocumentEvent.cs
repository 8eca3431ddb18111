namespace Millrace;

/// <summary>An event and a document that it changes.</summary>
/// <param name="Recorded">The event.</param>
/// <param name="Cached">The document.</param>
/// <param name="Failure">Why it cannot be folded, when that is known already: it fails in its turn.</param>
internal readonly record struct DocumentEvent<TKey, TDocument>(
    RecordedEvent Recorded, CachedDocument<TKey, TDocument> Cached, Exception? Failure = null)
    where TKey : notnull
    where TDocument : class;
