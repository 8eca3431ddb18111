using System.Collections.Frozen;

namespace Millrace.Messaging;

/// <summary>What goes over a broker: an event, or whatever else one service tells another. Immutable.</summary>
/// <remarks>
/// It is a CloudEvent 1.0: <see cref="Id"/>, <see cref="Type"/>, <see cref="Source"/>, <see cref="Subject"/>,
/// <see cref="Time"/> and <see cref="ContentType"/> are its attributes, the others are extensions. Who receives it
/// twice knows it by its source, subject and id.
/// </remarks>
public sealed record Message
{
    private readonly string? _key;

    /// <summary>Its id: the same each time that it is published.</summary>
    public required string Id { get; init; }

    /// <summary>The stable name of its type, such as <c>order.placed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The service that it comes from; <see cref="CloudEventNames.NoSource"/> when nobody said.</summary>
    public string Source { get; init; } = CloudEventNames.NoSource;

    /// <summary>What it is about: of an event its stream.</summary>
    public string? Subject { get; init; }

    /// <summary>Messages with the same key are delivered in the order in which they were published; its subject, or its
    /// id.</summary>
    public string Key
    {
        get => _key ?? Subject ?? Id;
        init => _key = value;
    }

    /// <summary>When it happened; null when nobody said.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The media type of the body; <c>application/json</c> by default.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>Which shape of the type the body has; from 1, which is the default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>The same through one conversation; null when nobody said.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The id of the message that directly caused it; null when nobody said.</summary>
    public string? CausationId { get; init; }

    /// <summary>The W3C trace context of what caused it; null when there is none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// Whatever else goes with it, by name; empty by default. A name has 1 to 100 of the ASCII letters and digits, '-',
    /// '_' and '.', and is none of the attributes; values are any text without NUL.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The bytes that it is about.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Its key where it was given one of its own; null when it is the subject or the id.</summary>
    internal string? OwnKey => _key;

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Id} of {Source}";
}
