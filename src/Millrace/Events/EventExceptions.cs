namespace Millrace;

/// <summary>Thrown when an object is appended as an event, but its type is not registered.</summary>
public sealed class EventTypeNotFoundException(Type clrType)
    : MillraceException(
        $"{clrType} is not a registered event type. "
        + "Mark it with [Event(\"name\")] in an assembly with a [Model], or register it with ModelBuilder.Event.")
{
    /// <summary>Gets the type of the object.</summary>
    public Type ClrType { get; } = clrType;
}

/// <summary>
/// Thrown when an event cannot be serialized, or when the given bytes are not a valid event of a known type. Nothing
/// was written.
/// </summary>
public sealed class CannotSerializeException(string eventType, string reason, Exception? innerException = null)
    : MillraceException($"An event of type '{eventType}' cannot be stored: {reason}", innerException)
{
    /// <summary>Gets the stored name of the type.</summary>
    public string EventType { get; } = eventType;
}

/// <summary>
/// Thrown when code needs a stored event as its CLR type, but it cannot be read as that type. Its bytes can still be
/// read.
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
