using System.Collections.Immutable;

namespace Millrace;

/// <summary>
/// An event to append with additional values, such as an id, tags or metadata. The event is an object or bytes.
/// </summary>
/// <remarks>If an event needs no additional values, append the event object itself.</remarks>
public sealed record NewEvent
{
    /// <summary>Creates an event from <paramref name="data"/>, an object of a registered type.</summary>
    public NewEvent(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Data = data;
    }

    private NewEvent(string type, ReadOnlyMemory<byte> payload, string contentType)
    {
        Type = type;
        Payload = payload;
        ContentType = contentType;
    }

    /// <summary>Gets the event object; null if the event is passed as bytes.</summary>
    public object? Data { get; }

    /// <summary>Gets the stored name of the type if the event is passed as bytes; otherwise null.</summary>
    public string? Type { get; }

    /// <summary>Gets the bytes if the event is passed as bytes. They are stored unchanged.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Gets the media type of <see cref="Payload"/>.</summary>
    public string ContentType { get; } = EventContentType.Json;

    /// <summary>Gets the schema version of an event that is passed as bytes; 1 by default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>
    /// Gets the id of the event. By default, the store creates a version 7 UUID. The store recognizes a repeated append
    /// by its event ids.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Gets tags in addition to the tags from the event's members.</summary>
    public ImmutableArray<Tag> Tags { get; init; } = [];

    /// <summary>Gets the metadata; by default, the metadata of the append.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>
    /// Gets the id of the message that directly caused the event; by default, the id from the append.
    /// </summary>
    public Guid? CausationId { get; init; }

    /// <summary>Gets the id of the conversation; by default, the id from the append.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>Creates an event from bytes that are stored unchanged, even if they are not well formed.</summary>
    public static NewEvent FromBytes(
        string type, ReadOnlyMemory<byte> payload, string contentType = EventContentType.Json)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        return new NewEvent(type, payload, contentType);
    }
}
