namespace Millrace;

/// <summary>
/// Thrown when an inline or live projection returns a key for an event that is not the key of the event's stream. It is
/// another key, or the key of a stream of another category. The append fails and writes nothing.
/// </summary>
/// <remarks>
/// The exception is not transient. Make the projection asynchronous, or return no key for such events.
/// </remarks>
public sealed class DocumentKeyException(
    string projection, string category, StreamId stream, string eventType, string key)
    : MillraceException(
        $"The projection '{projection}' folds each stream '{category}-…' into the document of that stream's key, but "
            + $"returns the key '{key}' for '{eventType}' of stream '{stream}'. Make it asynchronous, so that it folds "
            + "events of any stream, or return no key for such events.")
{
    /// <summary>Gets the name of the projection.</summary>
    public string Projection { get; } = projection;

    /// <summary>Gets the category of the streams that the projection folds.</summary>
    public string Category { get; } = category;

    /// <summary>Gets the stream of the event.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>Gets the stored name of the event.</summary>
    public string EventType { get; } = eventType;

    /// <summary>Gets the key that the projection returned.</summary>
    public string Key { get; } = key;
}
