using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Text;
using System.Text.Unicode;

namespace Millrace.Serialization;

/// <summary>
/// Writes CBOR (RFC 8949) in its preferred form: every number has the shortest form, and every length is declared.
/// <see cref="CborWrite"/> writes values of other types.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct CborWriter
{
    private const int MaxHeadBytes = 9;
    private const int ShortText = 1024;

    private byte[] _buffer;
    private bool _isRented;
    private int _position;
    private int _level;

    internal CborWriter(byte[] buffer) => _buffer = buffer;

    /// <summary>Gets the bytes that were written.</summary>
    internal readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _position);

    /// <summary>Gets the current buffer. The writer replaces its buffer with a larger buffer if necessary.</summary>
    internal readonly byte[] Buffer => _buffer;

    /// <summary>Starts a map or an array. <see cref="EndMap"/> or <see cref="EndArray"/> writes the length.</summary>
    /// <returns>The value to pass to <see cref="EndMap"/> or <see cref="EndArray"/>.</returns>
    /// <exception cref="InvalidOperationException">The nesting depth exceeds 64, so the value could not be read
    /// again.</exception>
    public int StartContainer()
    {
        if (++_level > CborReader.MaxDepth)
        {
            throw new InvalidOperationException(
                $"The value is nested deeper than {CborReader.MaxDepth} levels. Does it contain itself?");
        }
        Reserve(1);
        return _position++;
    }

    /// <summary>Ends a map with a number of pairs.</summary>
    public void EndMap(int start, int count) => End(start, CborMajor.Map, count);

    /// <summary>Ends an array with a number of items.</summary>
    public void EndArray(int start, int count) => End(start, CborMajor.Array, count);

    /// <summary>Writes the name of a member.</summary>
    public void WriteName(CborNames names, int index)
    {
        ArgumentNullException.ThrowIfNull(names);
        var name = names[index];
        Reserve(name.Length);
        name.CopyTo(_buffer.AsSpan(_position));
        _position += name.Length;
    }

    /// <summary>Writes null.</summary>
    public void WriteNull() => WriteByte(CborMajor.Null);

    /// <summary>Writes true or false.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? CborMajor.True : CborMajor.False);

    /// <summary>Writes a whole number.</summary>
    public void WriteWhole(long value)
    {
        if (value >= 0)
            WriteHead(CborMajor.Unsigned, (ulong)value);
        else
            WriteHead(CborMajor.Negative, (ulong)~value); // -1 - value
    }

    /// <summary>Writes a whole number that is not negative.</summary>
    public void WriteWhole(ulong value) => WriteHead(CborMajor.Unsigned, value);

    /// <summary>Writes a text.</summary>
    /// <exception cref="ArgumentException">The text contains half of a surrogate pair.</exception>
    public void WriteText(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        WriteText(value.AsSpan());
    }

    /// <summary>Writes a text that is already UTF-8.</summary>
    public void WriteText(scoped ReadOnlySpan<byte> utf8) => WriteRun(CborMajor.Text, utf8);

    /// <summary>Writes bytes.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> value) => WriteRun(CborMajor.Bytes, value);

    /// <summary>Writes a tag, which defines the meaning of the next item.</summary>
    public void WriteTag(ulong tag) => WriteHead(CborMajor.Tag, tag);

    internal void WriteText(scoped ReadOnlySpan<char> value)
    {
        // Most texts are ASCII, with one byte per character. For other texts, the bytes are moved if the head needs
        // more bytes.
        var head = HeadLength((ulong)value.Length);
        Reserve(MaxHeadBytes + (value.Length <= ShortText ? value.Length * 3 : Encoding.UTF8.GetByteCount(value)));
        var status = Utf8.FromUtf16(
            value, _buffer.AsSpan(_position + head), out _, out var written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
            throw new ArgumentException(
                "A text contains half of a surrogate pair, so it cannot be stored unchanged.", nameof(value));
        var needed = HeadLength((ulong)written);
        if (needed != head)
            _buffer.AsSpan(_position + head, written).CopyTo(_buffer.AsSpan(_position + needed));
        WriteHead(CborMajor.Text, (ulong)written);
        _position += written;
    }

    internal void WriteHalf(ushort bits)
    {
        WriteByte(CborMajor.Half);
        Reserve(2);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_position), bits);
        _position += 2;
    }

    internal void WriteSingle(float value)
    {
        WriteByte(CborMajor.Single);
        Reserve(4);
        BinaryPrimitives.WriteSingleBigEndian(_buffer.AsSpan(_position), value);
        _position += 4;
    }

    internal void WriteDouble(double value)
    {
        WriteByte(CborMajor.Double);
        Reserve(8);
        BinaryPrimitives.WriteDoubleBigEndian(_buffer.AsSpan(_position), value);
        _position += 8;
    }

    /// <summary>Returns the next bytes of the buffer. The caller must fill them.</summary>
    internal Span<byte> Room(int length)
    {
        Reserve(length);
        var room = _buffer.AsSpan(_position, length);
        _position += length;
        return room;
    }

    internal void WriteHead(int major, ulong argument)
    {
        Reserve(MaxHeadBytes);
        var first = (byte)(major << 5);
        var destination = _buffer.AsSpan(_position);
        switch (HeadLength(argument))
        {
            case 1:
                destination[0] = (byte)(first | (byte)argument);
                _position += 1;
                break;
            case 2:
                destination[1] = (byte)argument;
                destination[0] = (byte)(first | 24);
                _position += 2;
                break;
            case 3:
                destination[0] = (byte)(first | 25);
                BinaryPrimitives.WriteUInt16BigEndian(destination[1..], (ushort)argument);
                _position += 3;
                break;
            case 5:
                destination[0] = (byte)(first | 26);
                BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)argument);
                _position += 5;
                break;
            default:
                destination[0] = (byte)(first | 27);
                BinaryPrimitives.WriteUInt64BigEndian(destination[1..], argument);
                _position += 9;
                break;
        }
    }

    /// <summary>Returns the rented buffer to its pool, if the first buffer was too small.</summary>
    internal void Dispose()
    {
        if (_isRented)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _isRented = false;
    }

    private static int HeadLength(ulong argument) => argument switch
    {
        < 24 => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };

    private void End(int start, int major, int count)
    {
        _level--;
        Reserve(MaxHeadBytes);
        var head = HeadLength((ulong)count);
        if (head > 1)
        {
            var content = _position - start - 1;
            _buffer.AsSpan(start + 1, content).CopyTo(_buffer.AsSpan(start + head));
        }
        var end = _position + head - 1;
        _position = start;
        WriteHead(major, (ulong)count);
        _position = end;
    }

    private void WriteRun(int major, scoped ReadOnlySpan<byte> bytes)
    {
        WriteHead(major, (ulong)bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_position));
        _position += bytes.Length;
    }

    private void WriteByte(byte value)
    {
        Reserve(1);
        _buffer[_position++] = value;
    }

    private void Reserve(int byteCount)
    {
        if (_buffer.Length - _position < byteCount)
            Grow(byteCount);
    }

    private void Grow(int byteCount)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(_position + byteCount), checked(_buffer.Length * 2)));
        _buffer.AsSpan(0, _position).CopyTo(larger);
        if (_isRented)
            ArrayPool<byte>.Shared.Return(_buffer);
        else
            CborScratch.Keep(_buffer);
        _buffer = larger;
        _isRented = true;
    }
}
