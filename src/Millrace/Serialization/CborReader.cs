using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Millrace.Serialization;

/// <summary>
/// Reads CBOR (RFC 8949) from untrusted bytes. The reader throws <see cref="MalformedCborException"/> for a length
/// beyond the end, for more than 64 levels, and for malformed data. A declared length alone never causes an allocation.
/// </summary>
/// <remarks>Generated code and <see cref="CborRead"/>, which reads values, use this reader.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct CborReader
{
    /// <summary>The maximum nesting depth of arrays, maps and tags: 64, as in JSON.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _level;

    /// <summary>Creates a reader at the start of the bytes.</summary>
    public CborReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Gets the number of bytes that were read.</summary>
    public readonly int Offset => _position;

    /// <summary>Gets the number of bytes that are not read yet.</summary>
    internal readonly int Remaining => _bytes.Length - _position;

    /// <summary>Skips one data item with all its contents.</summary>
    /// <exception cref="MalformedCborException">The item is not well formed.</exception>
    public void Skip()
    {
        var head = ReadHead();
        while (head.Major == CborMajor.Tag)
            head = ReadHead();
        switch (head.Major)
        {
            case CborMajor.Bytes or CborMajor.Text when head.IsIndefinite:
                while (!TryBreak())
                    Chunk(head.Major);
                break;
            case CborMajor.Bytes or CborMajor.Text:
                Take(head.Argument);
                break;
            case CborMajor.Array or CborMajor.Map:
                SkipItems(Items(head), head.Major == CborMajor.Map ? 2 : 1);
                break;
            case CborMajor.Simple when head.IsIndefinite:
                throw Wrong("a break is where a value is expected");
        }
    }

    /// <summary>Checks that no data follows.</summary>
    /// <exception cref="MalformedCborException">Data follows.</exception>
    public readonly void End()
    {
        if (Remaining > 0)
            throw Wrong($"{Remaining} more bytes follow after its end");
    }

    /// <summary>Returns the first byte of the next item without reading it.</summary>
    internal readonly byte Peek() => (uint)_position < (uint)_bytes.Length ? _bytes[_position] : throw Truncated();

    /// <summary>Skips the next bytes if they are equal to the expected bytes.</summary>
    internal bool TrySkip(scoped ReadOnlySpan<byte> expected)
    {
        if (!_bytes[_position..].StartsWith(expected))
            return false;
        _position += expected.Length;
        return true;
    }

    internal bool TrySkip(byte expected)
    {
        if ((uint)_position >= (uint)_bytes.Length || _bytes[_position] != expected)
            return false;
        _position++;
        return true;
    }

    internal bool TryBreak() => Peek() == CborMajor.Break && TrySkip(CborMajor.Break);

    /// <summary>Reads the head of an item.</summary>
    internal CborHead ReadHead()
    {
        var first = Peek();
        _position++;
        var info = first & 31;
        var argument = info < 24 ? (ulong)info : LongArgument(first, info);
        return new CborHead(first >> 5, info, argument);
    }

    /// <summary>
    /// Reads the head of a whole number. If the next item is not a whole number, the method reads nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadWhole(out bool isNegative, out ulong argument)
    {
        var first = Peek();
        isNegative = first >= 0x20;
        argument = 0;
        if (first >= 0x40)
            return false;
        argument = ReadHead().Argument;
        return true;
    }

    /// <summary>Reads the next bytes.</summary>
    internal ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)Remaining)
            throw Wrong($"{length:N0} bytes are declared, but {Remaining:N0} follow");
        var slice = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return slice;
    }

    /// <summary>Reads one chunk of a text or of bytes without a declared length.</summary>
    internal ReadOnlySpan<byte> Chunk(int major)
    {
        var head = ReadHead();
        return head.Major == major && !head.IsIndefinite
            ? Take(head.Argument)
            : throw Wrong("a chunk of a text or of bytes is of another kind, or without a length");
    }

    /// <summary>Enters an array or a map, after its head.</summary>
    internal CborItems Items(CborHead head)
    {
        Enter();
        if (head.IsIndefinite)
            return CborItems.Unknown;
        var minBytes = head.Major == CborMajor.Map ? 2UL : 1UL; // Each item has at least one byte.
        return head.Argument <= (ulong)Remaining / minBytes
            ? new CborItems((int)head.Argument)
            : throw Wrong($"{head.Argument:N0} items are declared, but {Remaining:N0} bytes follow");
    }

    internal void Enter()
    {
        if (++_level > MaxDepth)
            throw Wrong($"it is nested deeper than {MaxDepth} levels");
    }

    internal void Leave() => _level--;

    /// <summary>Returns a reader of the same bytes at another position.</summary>
    internal readonly CborReader At(int position)
    {
        var other = this;
        other._position = position;
        return other;
    }

    internal readonly MalformedCborException Wrong(string problem) => new(problem, _position);

    private void SkipItems(CborItems items, int itemsPerStep)
    {
        while (items.Next(ref this))
        {
            for (var i = 0; i < itemsPerStep; i++)
                Skip();
        }
    }

    private ulong LongArgument(byte first, int info)
    {
        switch (info)
        {
            case 24:
                var small = Take(1)[0];
                return (first >> 5) == CborMajor.Simple && small < 32
                    ? throw Wrong("a simple value has an extra byte")
                    : small;
            case 25:
                return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
            case 26:
                return BinaryPrimitives.ReadUInt32BigEndian(Take(4));
            case 27:
                return BinaryPrimitives.ReadUInt64BigEndian(Take(8));
            case CborMajor.Indefinite
                when (first >> 5) is CborMajor.Bytes or CborMajor.Text or CborMajor.Array or CborMajor.Map
                    || first == CborMajor.Break:
                return 0;
            default:
                throw Wrong("the head of an item is not defined");
        }
    }

    private readonly MalformedCborException Truncated() => Wrong("it ends too early");
}
