using System.Collections.Frozen;

namespace Millrace.Messaging;

/// <summary>
/// A message that one service sends to another over a broker. It contains an event or other data. Immutable.
/// </summary>
/// <remarks>
/// A message is a CloudEvent 1.0. <see cref="Id"/>, <see cref="Type"/>, <see cref="Source"/>, <see cref="Subject"/>,
/// <see cref="Time"/> and <see cref="ContentType"/> are its attributes. The other properties are extensions. A receiver
/// recognizes a repeated message by its source, subject and id.
/// </remarks>
public sealed record Message
{
    private readonly string? _key;

    /// <summary>Gets the id, which is the same each time that the message is published.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the stable name of the type, such as <c>order.placed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the service that sent the message; <see cref="CloudEventNames.NoSource"/> by default.</summary>
    public string Source { get; init; } = CloudEventNames.NoSource;

    /// <summary>Gets the subject, which for an event is the name of its stream.</summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Gets the ordering key. The broker delivers messages with the same key in the order of publication. The default
    /// is the subject, or the id if the message has no subject.
    /// </summary>
    public string Key
    {
        get => _key ?? Subject ?? Id;
        init => _key = value;
    }

    /// <summary>Gets the time at which the event happened; null if the sender set none.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Gets the media type of the body; <c>application/json</c> by default.</summary>
    public string ContentType { get; init; } = EventContentType.Json;

    /// <summary>Gets the schema version of the body; from 1, which is the default.</summary>
    public int SchemaVersion { get; init; } = 1;

    /// <summary>
    /// Gets the correlation id, which all messages of a conversation share; null if the sender set none.
    /// </summary>
    public string? CorrelationId { get; init; }

    /// <summary>Gets the id of the message that directly caused this one; null if the sender set none.</summary>
    public string? CausationId { get; init; }

    /// <summary>Gets the W3C trace context of the cause; null if the message has none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>
    /// Gets additional headers by name; empty by default. A name has 1 to 100 ASCII letters, digits, '-', '_' and '.',
    /// and is not the name of an attribute. A value is any text without NUL.
    /// </summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Gets the bytes of the body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets the key if one was set; null if the key is the subject or the id.</summary>
    internal string? OwnKey => _key;

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Id} of {Source}";
}
