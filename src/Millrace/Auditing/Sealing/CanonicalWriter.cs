using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// Writes values as unambiguous bytes: numbers in big-endian order, and texts and bytes after their length. Not
/// thread-safe.
/// </summary>
internal sealed class CanonicalWriter
{
    private const int AbsentLength = -1;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    public void Clear() => _buffer.ResetWrittenCount();

    public void Write(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Write(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_buffer.GetSpan(sizeof(int)), value);
        _buffer.Advance(sizeof(int));
    }

    public void Write(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
    }

    /// <summary>Writes the 16 bytes of an id in the order of its text.</summary>
    public void Write(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out var written);
        _buffer.Advance(written);
    }

    /// <summary>Writes a byte 0 for no id, or a byte 1 and the id.</summary>
    public void Write(Guid? value)
    {
        Write((byte)(value is null ? 0 : 1));
        if (value is { } id)
            Write(id);
    }

    /// <summary>Writes the microseconds since the start of 1970 in UTC.</summary>
    public void Write(DateTimeOffset value) =>
        Write((value - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Writes the number of bytes, and the UTF-8 bytes. The number is -1 if there is no text.</summary>
    public void Write(string? value)
    {
        if (value is null)
        {
            Write(AbsentLength);
            return;
        }
        Write(Encoding.UTF8.GetByteCount(value));
        _buffer.Advance(Encoding.UTF8.GetBytes(value, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length))));
    }

    /// <summary>Writes the number of bytes, and the bytes.</summary>
    public void Write(ReadOnlySpan<byte> value)
    {
        Write(value.Length);
        _buffer.Write(value);
    }
}
