using System.Buffers;

namespace Millrace;

/// <summary>One shape of one event type: its stored name, its schema version and how it is written and read.</summary>
public abstract class EventType
{
    private protected EventType(Type clrType, string name, int schemaVersion)
    {
        if (EventNames.Problem(name) is { } problem)
            throw new InvalidNameException("event type", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        (ClrType, Name, SchemaVersion) = (clrType, name, schemaVersion);
    }

    /// <summary>The CLR type.</summary>
    public Type ClrType { get; }

    /// <summary>The stored name.</summary>
    public string Name { get; }

    /// <summary>The schema version it is stored as.</summary>
    public int SchemaVersion { get; }

    /// <summary>The oldest schema version whose readers can read this one as well; 0 when only this one's can.</summary>
    public int ReadableBy { get; internal set; }

    /// <summary>The media type of its payloads.</summary>
    public abstract string ContentType { get; }

    internal abstract void Write(IBufferWriter<byte> output, object value);

    internal abstract object Read(ReadOnlySpan<byte> payload);

    internal abstract void CollectTags(object value, ICollection<Tag> tags);
}

internal sealed class EventType<T>(string name, int schemaVersion, IEventFormat<T> format, Action<T, ICollection<Tag>>? tags)
    : EventType(typeof(T), name, schemaVersion)
    where T : notnull
{
    public override string ContentType => format.ContentType;

    internal override void Write(IBufferWriter<byte> output, object value) => format.Write(output, (T)value);

    internal override object Read(ReadOnlySpan<byte> payload) => format.Read(payload);

    internal override void CollectTags(object value, ICollection<Tag> tags1) => tags?.Invoke((T)value, tags1);
}
