using Millrace.Serialization;

namespace Millrace;

/// <summary>
/// One schema version of an event type: its stored name, its schema version, and how it is written and read.
/// </summary>
public abstract class EventType
{
    private protected EventType(Type clrType, string name, int schemaVersion)
    {
        if (EventNames.Problem(name) is { } problem)
            throw new InvalidNameException("event type", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(schemaVersion, 1);
        ClrType = clrType;
        Name = name;
        SchemaVersion = schemaVersion;
    }

    /// <summary>Gets the CLR type.</summary>
    public Type ClrType { get; }

    /// <summary>Gets the stored name.</summary>
    public string Name { get; }

    /// <summary>Gets the schema version under which events are stored.</summary>
    public int SchemaVersion { get; }

    /// <summary>
    /// Gets the oldest schema version whose readers can also read this one; 0 if only readers of this version can.
    /// </summary>
    public int ReadableBy { get; internal set; }

    /// <summary>
    /// Gets the format in which events are written; <see cref="EventFormat.Default"/> if the store decides, or if the
    /// format is another one.
    /// </summary>
    public abstract EventFormat Format { get; }

    /// <summary>Gets the media type of the payloads if the store sets no format.</summary>
    public abstract string ContentType { get; }

    /// <summary>Gets the media type of the payloads in a store with a default format.</summary>
    internal abstract string ContentTypeIn(EventFormat storeDefault);

    /// <summary>Writes an event with a media type that <see cref="ContentTypeIn"/> returned, or as JSON.</summary>
    internal abstract byte[] Write(object value, string contentType);

    /// <summary>Returns whether payloads of a media type can be read.</summary>
    internal abstract bool CanRead(string contentType);

    internal abstract object Read(ReadOnlySpan<byte> payload, string contentType);

    internal abstract void CollectTags(object value, ICollection<Tag> tags);
}

/// <summary>The schema version of a CLR type, in one or more formats.</summary>
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
        var (found, conversion) = Find(contentType);
        if (found is CborEventFormat<T> cbor)
            return ToReadable(cbor.ToArray((T)value), conversion);
        var buffer = JsonBuffers.RentBuffer();
        try
        {
            found!.Write(buffer, (T)value); // Callers only pass media types for which a format exists.
            return ToReadable(buffer.WrittenSpan.ToArray(), conversion);
        }
        finally
        {
            JsonBuffers.Return(buffer);
        }
    }

    internal override bool CanRead(string contentType) => Find(contentType).Format is not null;

    internal override object Read(ReadOnlySpan<byte> payload, string contentType)
    {
        var (found, conversion) = Find(contentType);
        return conversion switch
        {
            EventContentType.Json => found!.Read(CborJson.ToJson(payload)),
            EventContentType.Cbor => found!.Read(CborJson.FromJson(payload)),
            _ => found!.Read(payload), // Callers check CanRead first.
        };
    }

    internal override void CollectTags(object value, ICollection<Tag> collected) => tags?.Invoke((T)value, collected);

    /// <summary>
    /// Finds the format of a media type. If there is none, returns the format to use after a conversion between JSON
    /// and CBOR, with the media type of that format.
    /// </summary>
    private (IEventFormat<T>? Format, string? Conversion) Find(string contentType)
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
        foreach (var candidate in _formats)
        {
            if (string.Equals(candidate.ContentType, contentType, StringComparison.Ordinal))
                return candidate;
        }
        return null;
    }

    private static byte[] ToReadable(byte[] written, string? conversion) => conversion switch
    {
        EventContentType.Json => CborJson.FromJson(written),
        EventContentType.Cbor => CborJson.ToJson(written),
        _ => written,
    };
}
