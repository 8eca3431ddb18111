namespace Millrace;

/// <summary>
/// An inline or live projection gives an event the key of a document that is not the one of the event's own stream:
/// another key, or a stream of another category. An append is refused with it, and nothing was written.
/// </summary>
/// <remarks>Not transient: make the projection asynchronous, or return no key for such events.</remarks>
public sealed class DocumentKeyException(
    string projection, string category, StreamId stream, string eventType, string key)
    : MillraceException(
        $"The projection '{projection}' folds each stream '{category}-…' into the document of that stream's key, but "
            + $"gives "
            + $"'{eventType}' of stream '{stream}' the key '{key}'. Make it asynchronous, which folds events of any "
            + $"stream, or return no "
            + "key for such events.")
{
    /// <summary>The projection's name.</summary>
    public string Projection { get; } = projection;

    /// <summary>The category of the streams that it folds.</summary>
    public string Category { get; } = category;

    /// <summary>The event's stream.</summary>
    public StreamId Stream { get; } = stream;

    /// <summary>The stored name of the event.</summary>
    public string EventType { get; } = eventType;

    /// <summary>The key that the projection gave it.</summary>
    public string Key { get; } = key;
}
