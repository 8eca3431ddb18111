using Millrace.Serialization;

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

    /// <summary>The oldest schema version whose readers can read this one as well; 0 when only this one's
    /// can.</summary>
    public int ReadableBy { get; internal set; }

    /// <summary>What it is written as; <see cref="EventFormat.Default"/> when the store decides, or its format is
    /// another.</summary>
    public abstract EventFormat Format { get; }

    /// <summary>The media type of its payloads where the store says nothing else.</summary>
    public abstract string ContentType { get; }

    /// <summary>The media type that it is written as in a store of some default.</summary>
    internal abstract string ContentTypeIn(EventFormat storeDefault);

    /// <summary>Writes an event as a media type that <see cref="ContentTypeIn"/> gave, or as JSON.</summary>
    internal abstract byte[] Write(object value, string contentType);

    /// <summary>Whether bytes of a media type can be read at all.</summary>
    internal abstract bool CanRead(string contentType);

    internal abstract object Read(ReadOnlySpan<byte> payload, string contentType);

    internal abstract void CollectTags(object value, ICollection<Tag> tags);
}

/// <summary>The shape of a CLR type, in one or several formats.</summary>
internal sealed class EventType<T>(
    string name,
    int schemaVersion,
    EventFormat format,
    Action<T, ICollection<Tag>>? tags,
    params IReadOnlyList<IEventFormat<T>> formats) : EventType(typeof(T), name, schemaVersion)
    where T : notnull
{
    private readonly IEventFormat<T>[] _formats = [.. formats];

    public override EventFormat Format => format;

    public override string ContentType => ContentTypeIn(EventFormat.Json);

    internal override string ContentTypeIn(EventFormat storeDefault)
    {
        var wanted = format == EventFormat.Default ? storeDefault : format;
        return _formats.Length > 1 && wanted == EventFormat.Cbor ? EventContentType.Cbor : _formats[0].ContentType;
    }

    internal override byte[] Write(object value, string contentType)
    {
        var (found, detour) = Find(contentType);
        if (found is CborEventFormat<T> cbor)
            return ToReadable(cbor.ToArray((T)value), detour);
        var buffer = JsonBuffers.RentBuffer();
        try
        {
            found!.Write(buffer, (T)value); // Only a media type that it has is asked for.
            return ToReadable(buffer.WrittenSpan.ToArray(), detour);
        }
        finally
        {
            JsonBuffers.Return(buffer);
        }
    }

    internal override bool CanRead(string contentType) => Find(contentType).Format is not null;

    internal override object Read(ReadOnlySpan<byte> payload, string contentType)
    {
        var (found, detour) = Find(contentType);
        return detour switch
        {
            EventContentType.Json => found!.Read(CborJson.ToJson(payload)),
            EventContentType.Cbor => found!.Read(CborJson.FromJson(payload)),
            _ => found!.Read(payload), // Who asks has asked whether it can be read.
        };
    }

    internal override void CollectTags(object value, ICollection<Tag> collected) => tags?.Invoke((T)value, collected);

    /// <summary>The format of a media type; else one that is reached by way of JSON and CBOR, and which of them that
    /// one takes.</summary>
    private (IEventFormat<T>? Format, string? Detour) Find(string contentType)
    {
        if (Exactly(contentType) is { } found)
            return (found, null);
        var other = contentType switch
        {
            EventContentType.Cbor => EventContentType.Json,
            EventContentType.Json => EventContentType.Cbor,
            _ => null,
        };
        return (other is null ? null : Exactly(other), other);
    }

    private IEventFormat<T>? Exactly(string contentType)
    {
        foreach (var one in _formats)
        {
            if (string.Equals(one.ContentType, contentType, StringComparison.Ordinal))
                return one;
        }
        return null;
    }

    private static byte[] ToReadable(byte[] written, string? detour) => detour switch
    {
        EventContentType.Json => CborJson.FromJson(written),
        EventContentType.Cbor => CborJson.ToJson(written),
        _ => written,
    };
}
