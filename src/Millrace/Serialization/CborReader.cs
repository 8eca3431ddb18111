using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Millrace.Serialization;

/// <summary>
/// Stands at a place in CBOR (RFC 8949). Nothing is believed that the bytes do not prove: a length beyond their end,
/// more than 64 levels, and what is not well formed throw <see cref="MalformedCborException"/>, and nothing is
/// allocated for what is only declared.
/// </summary>
/// <remarks>What reads values is <see cref="CborRead"/>; this is what it and generated code share.</remarks>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public ref struct CborReader
{
    /// <summary>How deep arrays, maps and tags may lie within one another: 64, as in JSON.</summary>
    public const int MaxDepth = 64;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _level;

    /// <summary>Stands at the beginning of some bytes.</summary>
    public CborReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>How many bytes have been read.</summary>
    public readonly int Offset => _position;

    /// <summary>How many bytes follow.</summary>
    internal readonly int Left => _bytes.Length - _position;

    /// <summary>Passes over one data item with all that is in it.</summary>
    /// <exception cref="MalformedCborException">It is not well formed.</exception>
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
                throw Wrong("a break stands where a value is expected");
        }
    }

    /// <summary>Makes sure that nothing follows.</summary>
    /// <exception cref="MalformedCborException">Something does.</exception>
    public readonly void End()
    {
        if (Left > 0)
            throw Wrong($"{Left} more bytes follow after its end");
    }

    /// <summary>The first byte of the item that stands here, without reading it.</summary>
    internal readonly byte Peek() => (uint)_position < (uint)_bytes.Length ? _bytes[_position] : throw Truncated();

    /// <summary>Reads bytes if they are exactly those that stand here.</summary>
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

    /// <summary>Reads what every item begins with.</summary>
    internal CborHead ReadHead()
    {
        var first = Peek();
        _position++;
        var info = first & 31;
        var argument = info < 24 ? (ulong)info : LongArgument(first, info);
        return new CborHead(first >> 5, info, argument);
    }

    /// <summary>Reads the head of a whole number, and nothing of anything else.</summary>
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

    /// <summary>Reads so many bytes.</summary>
    internal ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)Left)
            throw Wrong($"{length:N0} bytes are declared, but {Left:N0} follow");
        var taken = _bytes.Slice(_position, (int)length);
        _position += (int)length;
        return taken;
    }

    /// <summary>Reads a part of a text or of bytes whose length is not told.</summary>
    internal ReadOnlySpan<byte> Chunk(int major)
    {
        var head = ReadHead();
        return head.Major == major && !head.IsIndefinite
            ? Take(head.Argument)
            : throw Wrong("a part of a text or of bytes is of another kind, or without a length");
    }

    /// <summary>Enters an array or a map whose head has been read.</summary>
    internal CborItems Items(CborHead head)
    {
        Enter();
        if (head.IsIndefinite)
            return CborItems.Unknown;
        var smallest = head.Major == CborMajor.Map ? 2UL : 1UL; // Each item is a byte at least.
        return head.Argument <= (ulong)Left / smallest
            ? new CborItems((int)head.Argument)
            : throw Wrong($"{head.Argument:N0} items are declared, but {Left:N0} bytes follow");
    }

    internal void Enter()
    {
        if (++_level > MaxDepth)
            throw Wrong($"it is nested deeper than {MaxDepth} levels");
    }

    internal void Leave() => _level--;

    /// <summary>The same bytes from another place.</summary>
    internal readonly CborReader At(int place)
    {
        var other = this;
        other._position = place;
        return other;
    }

    internal readonly MalformedCborException Wrong(string problem) => new(problem, _position);

    private void SkipItems(CborItems items, int each)
    {
        while (items.Next(ref this))
        {
            for (var i = 0; i < each; i++)
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
                    ? throw Wrong("a simple value has a byte too many")
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
                throw Wrong("the beginning of an item is not defined");
        }
    }

    private readonly MalformedCborException Truncated() => Wrong("it ends too early");
}
