namespace Millrace;

/// <summary>Thrown when a caller appends an object whose type is not a registered event type.</summary>
public sealed class EventTypeNotFoundException(Type clrType)
    : MillraceException(
        $"{clrType} is not a registered event type. "
        + "Mark it with [Event(\"name\")] in an assembly with a [Model], or register it with ModelBuilder.Event.")
{
    /// <summary>Gets the type of the object.</summary>
    public Type ClrType { get; } = clrType;
}

/// <summary>
/// Thrown when an event cannot be serialized, or when an event was passed as bytes that are not valid for its type. The
/// append wrote nothing.
/// </summary>
public sealed class CannotSerializeException(string eventType, string reason, Exception? innerException = null)
    : MillraceException($"An event of type '{eventType}' cannot be stored: {reason}", innerException)
{
    /// <summary>Gets the stored name of the type.</summary>
    public string EventType { get; } = eventType;
}

/// <summary>
/// Thrown when a stored event cannot be read as its CLR type. The bytes of the event can still be read.
/// </summary>
public sealed class CannotDeserializeException(string eventType, int schemaVersion, long position, string reason)
    : MillraceException(
        $"The event of type '{eventType}' (schema version {schemaVersion}) at position {position} cannot be read: "
            + $"{reason}"
    )
{
    /// <summary>Gets the stored name of the type.</summary>
    public string EventType { get; } = eventType;

    /// <summary>Gets the stored schema version.</summary>
    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>Gets the position of the event in the log.</summary>
    public long Position { get; } = position;
}
