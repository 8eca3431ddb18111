namespace Millrace;

/// <summary>An object was given as an event, but its type is not registered.</summary>
public sealed class EventTypeNotFoundException(Type clrType)
    : MillraceException(
        $"{clrType} is not a registered event type. "
        + "Mark it with [Event(\"name\")] in an assembly with a [Model], or register it with ModelBuilder.Event.")
{
    /// <summary>The type of the object.</summary>
    public Type ClrType { get; } = clrType;
}

/// <summary>An event cannot be turned into bytes, or the bytes given for a known type are not such an event. Nothing
/// was written.</summary>
public sealed class CannotSerializeException(string eventType, string reason, Exception? innerException = null)
    : MillraceException($"An event of type '{eventType}' cannot be stored: {reason}", innerException)
{
    /// <summary>The stored name of the type.</summary>
    public string EventType { get; } = eventType;
}

/// <summary>A stored event that code needs as its type cannot be read as it. The event itself stays readable as
/// bytes.</summary>
public sealed class CannotDeserializeException(string eventType, int schemaVersion, long position, string reason)
    : MillraceException(
        $"The event of type '{eventType}' (schema version {schemaVersion}) at position {position} cannot be read: "
            + $"{reason}"
    )
{
    /// <summary>The stored name of the type.</summary>
    public string EventType { get; } = eventType;

    /// <summary>The stored schema version.</summary>
    public int SchemaVersion { get; } = schemaVersion;

    /// <summary>Where it stands in the log.</summary>
    public long Position { get; } = position;
}
