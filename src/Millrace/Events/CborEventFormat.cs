using System.Buffers;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Writes a value as CBOR.</summary>
/// <param name="writer">The writer, to which the method must write one data item.</param>
/// <param name="value">The value.</param>
public delegate void CborWriteCallback<in T>(ref CborWriter writer, T value);

/// <summary>Reads a value from CBOR.</summary>
/// <param name="reader">The reader, at the start of the value. The method must read up to the end of the value.</param>
/// <param name="member">The name of the value in error messages.</param>
/// <exception cref="JsonException">The data is not a value of the type. Any other exception has the same
/// effect.</exception>
public delegate T CborReadCallback<out T>(ref CborReader reader, string member);

/// <summary>Reads and writes events as CBOR, with generated or handwritten methods.</summary>
/// <param name="write">Writes an event as a map of names and values.</param>
/// <param name="read">Reads an event.</param>
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

    /// <summary>Writes the value into a new array, without an intermediate buffer.</summary>
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

    /// <summary>Gets the tag that may start a CBOR file.</summary>
    private static ReadOnlySpan<byte> SelfDescribed => [0xd9, 0xd9, 0xf7];
}
