using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Retention;

/// <summary>
/// A set of names that stores 128 bits of the SHA-256 hash of each name, so that a set of a million names needs 50 MB,
/// whatever their length.
/// </summary>
internal sealed class NameSet
{
    private readonly HashSet<UInt128> _hashes = [];

    public int Count => _hashes.Count;

    /// <summary>Adds a name. Returns false if the set contained it.</summary>
    public bool Add(string name) => _hashes.Add(HashOf(name));

    public bool Remove(string name) => _hashes.Remove(HashOf(name));

    public bool Contains(string name) => _hashes.Contains(HashOf(name));

    public static UInt128 HashOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
