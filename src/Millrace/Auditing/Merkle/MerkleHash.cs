using System.Buffers;
using System.Security.Cryptography;

namespace Millrace.Auditing.Merkle;

/// <summary>Computes the hashes of a Merkle tree as in RFC 6962, section 2.1, with SHA-256.</summary>
internal static class MerkleHash
{
    private const int StackBytes = 1024;
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    /// <summary>Gets the root of a tree without leaves: the hash of no bytes.</summary>
    public static Hash256 Empty { get; } = new(SHA256.HashData([]));

    /// <summary>Returns the hash of a leaf: SHA-256 of a zero byte and the data.</summary>
    public static Hash256 Leaf(ReadOnlySpan<byte> data)
    {
        var length = data.Length + 1;
        var rented = length > StackBytes ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = rented is null ? stackalloc byte[StackBytes] : rented;
        input[0] = LeafPrefix;
        data.CopyTo(input[1..]);
        var hash = Hash(input[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return hash;
    }

    /// <summary>Returns the hash of an inner node: SHA-256 of a byte 1 and the hashes of both children.</summary>
    public static Hash256 Node(Hash256 left, Hash256 right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Hash256.Length];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Hash256.Length)..]);
        return Hash(input);
    }

    private static Hash256 Hash(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[Hash256.Length];
        SHA256.HashData(input, hash);
        return new Hash256(hash);
    }
}
