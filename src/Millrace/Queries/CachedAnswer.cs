using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Queries;

namespace Millrace;

/// <summary>
/// A cached answer with the position of the log that it reflects. <see cref="IQueryCacheStorage"/> stores it.
/// Thread-safe.
/// </summary>
public sealed class CachedAnswer
{
    private const byte FormatVersion = 2;
    private const int HeaderBytes = 37;
    private const int EntryBytes = 500; // The objects of an entry besides its value.

    private readonly int _valueStart;
    private volatile object? _value; // A decoded value is wrapped, because an answer can be null.

    /// <summary>Creates an answer from the bytes that another node stored.</summary>
    /// <exception cref="FormatException">The bytes are not a cached answer of this version.</exception>
    public CachedAnswer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || bytes.Span[0] != FormatVersion)
            throw NotAnAnswer();
        var header = bytes.Span;
        var expiresAt = BinaryPrimitives.ReadInt64LittleEndian(header[17..]);
        var collectionBytes = BinaryPrimitives.ReadInt32LittleEndian(header[33..]);
        if (expiresAt < 0 || expiresAt > DateTimeOffset.MaxValue.UtcTicks
            || collectionBytes < 0 || collectionBytes > bytes.Length - HeaderBytes)
            throw NotAnAnswer();
        _valueStart = HeaderBytes + collectionBytes;
        Bytes = bytes;
        State = new AnswerState(
            new ConsistencyToken(
                BinaryPrimitives.ReadInt64LittleEndian(header[1..]),
                BinaryPrimitives.ReadInt64LittleEndian(header[9..])),
            BinaryPrimitives.ReadInt64LittleEndian(header[25..]),
            Encoding.UTF8.GetString(header[HeaderBytes.._valueStart])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries));
        ExpiresAt = new DateTimeOffset(expiresAt, TimeSpan.Zero);
        DocumentsExpireAt = ExpiresAt;
        SizeBytes = EntryBytes + (2 * bytes.Length);
    }

    private CachedAnswer(
        object value, byte[] bytes, int valueStart, AnswerState state, DateTimeOffset expiresAt, bool isShared)
    {
        _value = value;
        (State, ExpiresAt) = (state, expiresAt);
        SizeBytes = EntryBytes + (isShared ? 2 * bytes.Length : bytes.Length);
        Bytes = isShared ? bytes : default;
        _valueStart = valueStart;
    }

    /// <summary>Gets the bytes for other nodes; empty if the answer must stay in this process.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Gets the approximate number of bytes that the answer occupies in memory.</summary>
    public long SizeBytes { get; }

    /// <summary>Gets the time from which the answer is no longer used.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>
    /// Gets the time at which a document expires and changes the answer; null if none does. For an answer of another
    /// node, it is <see cref="ExpiresAt"/>, which is not later.
    /// </summary>
    internal DateTimeOffset? DocumentsExpireAt { get; private init; }

    /// <summary>Gets the state of the store that the answer reflects.</summary>
    internal AnswerState State { get; }

    /// <summary>Gets the types of the documents that the handler read; empty for an answer of another node.</summary>
    internal IReadOnlyList<Type> ReadTypes { get; private init; } = [];

    internal static CachedAnswer Create<T>(
        T value,
        JsonTypeInfo<T> json,
        AnswerState state,
        DateTimeOffset expiresAt,
        bool isShared,
        IReadOnlyList<Type> readTypes,
        DateTimeOffset? documentsExpireAt = null)
    {
        var collections = Encoding.UTF8.GetBytes(string.Join('\n', state.Collections));
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderBytes];
        header[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(header[1..], state.Reflects.LogEpoch);
        BinaryPrimitives.WriteInt64LittleEndian(header[9..], state.Reflects.Position);
        BinaryPrimitives.WriteInt64LittleEndian(header[17..], expiresAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(header[25..], state.LastRemoval);
        BinaryPrimitives.WriteInt32LittleEndian(header[33..], collections.Length);
        stream.Write(header);
        stream.Write(collections);
        JsonSerializer.Serialize(stream, value, json);
        var valueStart = HeaderBytes + collections.Length;
        return new(new Decoded<T>(value), stream.ToArray(), valueStart, state, expiresAt, isShared)
        {
            ReadTypes = readTypes,
            DocumentsExpireAt = documentsExpireAt,
        };
    }

    /// <summary>
    /// Returns whether other nodes read the same value from the bytes: a type can have members that are written and
    /// not read.
    /// </summary>
    internal bool IsReproducible<T>(JsonTypeInfo<T> json)
    {
        var bytes = Bytes.Span[_valueStart..];
        try
        {
            var copy = JsonSerializer.Deserialize(bytes, json);
            return bytes.SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(copy!, json));
        }
#pragma warning disable CA1031 // Constructors and converters can throw anything, and would on other nodes.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <summary>Returns the same answer for this process only.</summary>
    internal CachedAnswer WithoutBytes() =>
        new(_value!, Bytes.ToArray(), _valueStart, State, ExpiresAt, isShared: false)
        {
            ReadTypes = ReadTypes,
            DocumentsExpireAt = DocumentsExpireAt,
        };

    /// <summary>Returns the value. The bytes of another node are decoded once.</summary>
    /// <exception cref="JsonException">The bytes are not an answer of this type.</exception>
    internal T ValueOf<T>(JsonTypeInfo<T> json)
    {
        if (_value is not Decoded<T> decoded)
        {
            decoded = new Decoded<T>(JsonSerializer.Deserialize(Bytes.Span[_valueStart..], json)!);
            _value = decoded;
        }
        return decoded.Value;
    }

    private static FormatException NotAnAnswer() =>
        new("The bytes are not a cached answer of this version of Millrace.");

    private sealed record Decoded<T>(T Value);
}
