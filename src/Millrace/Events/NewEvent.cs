using System.Collections.Immutable;

namespace Millrace;

/// <summary>An event to append with additional values: an id, tags, metadata, or bytes instead of an object.</summary>
/// <remarks>Without such values, append the event object itself.</remarks>
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

    /// <summary>Gets the event object; null if the event is given as bytes.</summary>
    public object? Data { get; }

    /// <summary>Gets the stored name of the type, if the event is given as bytes.</summary>
    public string? Type { get; }

    /// <summary>Gets the bytes, if the event is given as bytes; stored unchanged.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>Gets the media type of <see cref="Payload"/>.</summary>
    public string ContentType { get; } = EventContentType.Json;

    /// <summary>Gets the schema version of an event given as bytes; 1 by default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>
    /// Gets the id of the event; a new version 7 UUID by default. A repeated append with the same ids is recognized.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Gets tags in addition to those of the event's members.</summary>
    public ImmutableArray<Tag> Tags { get; init; } = [];

    /// <summary>Gets the metadata; that of the append by default.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>Gets the id of the message that directly caused the event; that of the append by default.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>Gets the id of the conversation; that of the append by default.</summary>
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
