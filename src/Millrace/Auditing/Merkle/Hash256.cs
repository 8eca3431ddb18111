using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Millrace.Auditing.Merkle;

/// <summary>A hash of 32 bytes.</summary>
internal readonly record struct Hash256
{
    /// <summary>The number of bytes.</summary>
    public const int Length = 32;

    private readonly ulong _first;
    private readonly ulong _second;
    private readonly ulong _third;
    private readonly ulong _fourth;

    /// <summary>Creates a hash from its bytes.</summary>
    /// <exception cref="ArgumentException">There are not 32 bytes.</exception>
    public Hash256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new ArgumentException($"A hash has {Length} bytes, but there are {bytes.Length}.", nameof(bytes));
        _first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _fourth);
    }

    /// <summary>Parses the 64 hexadecimal digits of a hash.</summary>
    public static bool TryParse([NotNullWhen(true)] string? digits, out Hash256 hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[Length];
        if (digits is not { Length: 2 * Length }
            || Convert.FromHexString(digits, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        hash = new Hash256(bytes);
        return true;
    }

    /// <summary>Returns the hash as 64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
