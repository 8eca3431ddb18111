using System.Buffers;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Writes a value as CBOR.</summary>
/// <param name="writer">Gets one data item.</param>
/// <param name="value">The value.</param>
public delegate void CborWriteCallback<in T>(ref CborWriter writer, T value);

/// <summary>Reads a value from CBOR.</summary>
/// <param name="reader">Stands at the value; moved to its end.</param>
/// <param name="member">What errors call it.</param>
/// <exception cref="JsonException">It is no such value; any other exception is taken the same.</exception>
public delegate T CborReadCallback<out T>(ref CborReader reader, string member);

/// <summary>Writes events as CBOR by generated code, or by code of the same form written by hand.</summary>
/// <param name="write">Writes an event: a map of names and values.</param>
/// <param name="read">Reads it.</param>
public sealed class CborEventFormat<T>(CborWriteCallback<T> write, CborReadCallback<T> read) : IEventFormat<T>
    where T : notnull
{
    private readonly CborWriteCallback<T> _write = write ?? throw new ArgumentNullException(nameof(write));
    private readonly CborReadCallback<T> _read = read ?? throw new ArgumentNullException(nameof(read));

    /// <inheritdoc/>
    public string ContentType => EventContentType.Cbor;

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, T value)
    {
        ArgumentNullException.ThrowIfNull(output);
        var writer = new CborWriter(CborScratch.Rent());
        try
        {
            _write(ref writer, value);
            output.Write(writer.Written);
        }
        finally
        {
            CborScratch.Return(ref writer);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="MalformedCborException">The bytes are not well-formed CBOR.</exception>
    public T Read(ReadOnlySpan<byte> payload)
    {
        var reader = new CborReader(payload);
        reader.TrySkip(SelfDescribed);
        var value = _read(ref reader, typeof(T).Name);
        reader.End();
        return value;
    }

    /// <summary>Writes into bytes of their own, without a buffer between.</summary>
    internal byte[] ToArray(T value)
    {
        var writer = new CborWriter(CborScratch.Rent());
        try
        {
            _write(ref writer, value);
            return writer.Written.ToArray();
        }
        finally
        {
            CborScratch.Return(ref writer);
        }
    }

    /// <summary>What files of CBOR may begin with.</summary>
    private static ReadOnlySpan<byte> SelfDescribed => [0xd9, 0xd9, 0xf7];
}
