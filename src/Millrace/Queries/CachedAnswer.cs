using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace;

/// <summary>
/// A cached answer with the position of the log that it reflects. <see cref="IQueryCacheStorage"/> stores it.
/// Thread-safe.
/// </summary>
public sealed class CachedAnswer
{
    private const byte FormatVersion = 1;
    private const int HeaderBytes = 25;
    private const int EntryBytes = 500; // The objects of an entry besides its value.

    private volatile object? _value; // A decoded value is wrapped, because an answer can be null.

    /// <summary>Creates an answer from the bytes that another node stored.</summary>
    /// <exception cref="FormatException">The bytes are not a cached answer of this version.</exception>
    public CachedAnswer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes.Span[0] != FormatVersion)
            throw new FormatException("The bytes are not a cached answer of this version of Millrace.");
        Bytes = bytes;
        LogEpoch = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[1..]);
        Position = BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[9..]);
        ExpiresAt = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes.Span[17..]), TimeSpan.Zero);
        SizeBytes = EntryBytes + (2 * bytes.Length);
    }

    private CachedAnswer(object value, byte[] bytes, ConsistencyToken reflects, DateTimeOffset expiresAt, bool isShared)
    {
        _value = value;
        (LogEpoch, Position, ExpiresAt) = (reflects.LogEpoch, reflects.Position, expiresAt);
        SizeBytes = EntryBytes + (isShared ? 2 * bytes.Length : bytes.Length);
        Bytes = isShared ? bytes : default;
    }

    /// <summary>Gets the bytes for other nodes; empty if the answer must stay in this process.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Gets the approximate number of bytes that the answer occupies in memory.</summary>
    public long SizeBytes { get; }

    /// <summary>Gets the time from which the answer is no longer used.</summary>
    public DateTimeOffset ExpiresAt { get; }

    internal long LogEpoch { get; }

    internal long Position { get; }

    /// <summary>Gets the types of the documents that the handler read; empty for an answer of another node.</summary>
    internal IReadOnlyList<Type> ReadTypes { get; private init; } = [];

    internal static CachedAnswer Create<T>(
        T value,
        JsonTypeInfo<T> json,
        ConsistencyToken reflects,
        DateTimeOffset expiresAt,
        bool isShared,
        IReadOnlyList<Type> readTypes)
    {
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(header[1..], reflects.LogEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(header[9..], reflects.Position);
        BinaryPrimitives.WriteInt64LittleEndian(header[17..], expiresAt.UtcTicks);
        stream.Write(header);
        JsonSerializer.Serialize(stream, value, json);
        return new(new Decoded<T>(value), stream.ToArray(), reflects, expiresAt, isShared) { ReadTypes = readTypes };
    }

    /// <summary>Returns the value. The bytes of another node are decoded once.</summary>
    /// <exception cref="JsonException">The bytes are not an answer of this type.</exception>
    internal T ValueOf<T>(JsonTypeInfo<T> json)
    {
        if (_value is not Decoded<T> decoded)
        {
            decoded = new Decoded<T>(JsonSerializer.Deserialize(Bytes.Span[HeaderBytes..], json)!);
            _value = decoded;
        }
        return decoded.Value;
    }

    private sealed record Decoded<T>(T Value);
}
