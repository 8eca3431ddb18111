using System.Collections.Immutable;

namespace Millrace;

/// <summary>An event to append with more than its data: an id of its own, tags, metadata, or bytes instead of an
/// object.</summary>
/// <remarks>Where nothing more is to be said, the event object itself is appended.</remarks>
public sealed record NewEvent
{
    /// <summary>Appends <paramref name="data"/>, an event of a registered type.</summary>
    public NewEvent(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Data = data;
    }

    private NewEvent(string type, ReadOnlyMemory<byte> payload, string contentType) =>
        (Type, Payload, ContentType) = (type, payload, contentType);

    /// <summary>The event object; null when the event is given as bytes.</summary>
    public object? Data { get; }

    /// <summary>The stored name of the type, when the event is given as bytes.</summary>
    public string? Type { get; }

    /// <summary>The bytes, when the event is given as bytes; kept as they are.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The media type of <see cref="Payload"/>.</summary>
    public string ContentType { get; } = EventContentType.Json;

    /// <summary>The schema version of an event given as bytes; 1 by default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The event's id; a new version 7 UUID by default. An append repeated with the same ids is
    /// recognised.</summary>
    public Guid? Id { get; init; }

    /// <summary>Tags besides those that the event's members give.</summary>
    public ImmutableArray<Tag> Tags { get; init; } = [];

    /// <summary>What is known beyond the payload; what the append says by default.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>The id of the message that directly caused the event; what the append says by default.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>The same through one conversation; what the append says by default.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>An event given as bytes that are kept as they are, whether well formed or not.</summary>
    public static NewEvent FromBytes(
        string type, ReadOnlyMemory<byte> payload, string contentType = EventContentType.Json)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(contentType);
        return new NewEvent(type, payload, contentType);
    }
}
