using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Millrace.Backups.Format;

/// <summary>
/// Writes the values of a backup object. The page "Backup format" of the reference describes the format.
/// </summary>
internal sealed class ContentWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    public int Length => _buffer.WrittenCount;

    /// <summary>Gets what was written. It changes with the next call.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public void Clear() => _buffer.ResetWrittenCount();

    /// <summary>Writes a whole number: seven bits in a byte, the sign in the lowest bit.</summary>
    public void Number(long number)
    {
        var bits = (ulong)((number << 1) ^ (number >> 63));
        var span = _buffer.GetSpan(10);
        var length = 0;
        for (; bits >= 0x80; bits >>= 7)
            span[length++] = (byte)(bits | 0x80);
        span[length++] = (byte)bits;
        _buffer.Advance(length);
    }

    /// <summary>Writes the length and the bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        _buffer.Write(bytes);
    }

    /// <summary>Writes text as UTF-8 with its length; null as the length -1.</summary>
    public void Text(string? text)
    {
        if (text is null)
        {
            Number(-1);
            return;
        }
        Number(Encoding.UTF8.GetByteCount(text));
        var span = _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }

    /// <summary>Writes the 16 bytes of an id, most significant first.</summary>
    public void Id(Guid id)
    {
        id.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out var written);
        _buffer.Advance(written);
    }

    /// <summary>Writes 1 and an id, or 0 for null.</summary>
    public void OptionalId(Guid? id)
    {
        Number(id is null ? 0 : 1);
        if (id is { } known)
            Id(known);
    }

    /// <summary>Writes the eight bytes of a floating-point number.</summary>
    public void Real(double number)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(sizeof(double)), number);
        _buffer.Advance(sizeof(double));
    }
}
