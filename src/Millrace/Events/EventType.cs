using Millrace.Events;
using Millrace.Serialization;

namespace Millrace;

/// <summary>
/// A schema version of an event type. The class contains the stored name and writes and reads events of this version.
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
    /// Gets the oldest schema version whose readers can also read this version; 0 if only readers of this version can
    /// read it.
    /// </summary>
    public int ReadableBy { get; internal set; }

    /// <summary>
    /// Gets the format in which events are written. The value is <see cref="EventFormat.Default"/> if the store
    /// decides, or if the type was registered with its own <see cref="IEventFormat{T}"/>.
    /// </summary>
    public abstract EventFormat Format { get; }

    /// <summary>Gets the media type of the payloads for a store that sets no format.</summary>
    public abstract string ContentType { get; }

    /// <summary>Gets the media type of the payloads for a store with a default format.</summary>
    internal abstract string ContentTypeIn(EventFormat storeDefault);

    /// <summary>Writes an event with a media type that <see cref="ContentTypeIn"/> returned, or as JSON.</summary>
    internal abstract byte[] Write(object value, string contentType);

    /// <summary>Returns whether payloads of a media type can be read.</summary>
    internal abstract bool CanRead(string contentType);

    internal abstract object Read(ReadOnlySpan<byte> payload, string contentType);

    internal abstract void CollectTags(object value, ICollection<Tag> tags);
}

/// <summary>A schema version of an event type, in one or more formats.</summary>
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
        var effectiveFormat = format == EventFormat.Default ? storeDefault : format;
        return _formats.Length > 1 && effectiveFormat == EventFormat.Cbor
            ? EventContentType.Cbor
            : _formats[0].ContentType;
    }

    internal override byte[] Write(object value, string contentType)
    {
        var (found, conversion) = Find(contentType);
        if (found is CborEventFormat<T> cbor)
            return ConvertFrom(cbor.ToArray((T)value), conversion);
        var buffer = JsonBuffers.RentBuffer();
        try
        {
            found!.Write(buffer, (T)value); // Callers only pass media types that have a format.
            return ConvertFrom(buffer.WrittenSpan.ToArray(), conversion);
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
    /// Finds the format of a media type. If the type does not have this format, returns its other format with the media
    /// type of that format. The caller must then convert between JSON and CBOR.
    /// </summary>
    private (IEventFormat<T>? Format, string? Conversion) Find(string contentType)
    {
        if (FindExact(contentType) is { } found)
            return (found, null);
        var other = contentType switch
        {
            EventContentType.Cbor => EventContentType.Json,
            EventContentType.Json => EventContentType.Cbor,
            _ => null,
        };
        return (other is null ? null : FindExact(other), other);
    }

    private IEventFormat<T>? FindExact(string contentType)
    {
        foreach (var candidate in _formats)
        {
            if (string.Equals(candidate.ContentType, contentType, StringComparison.Ordinal))
                return candidate;
        }
        return null;
    }

    private static byte[] ConvertFrom(byte[] written, string? conversion) => conversion switch
    {
        EventContentType.Json => CborJson.FromJson(written),
        EventContentType.Cbor => CborJson.ToJson(written),
        _ => written,
    };
}
