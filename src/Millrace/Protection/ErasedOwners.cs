using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>
/// The owners of the data keys that erasures destroyed, as the log names them. Their values are erased for readers and
/// refused from writers, even if the key store contains their keys again because an old backup was restored while
/// programs run. An erasure is final, so an owner is never removed. Thread-safe.
/// </summary>
/// <remarks>
/// Contains 16 bytes of a hash of each owner and each key, so that the memory does not depend on the lengths of names.
/// </remarks>
internal sealed class ErasedOwners
{
    private readonly HashSet<UInt128> _hashes = [];
    private readonly Lock _lock = new();
    private volatile bool _isEmpty = true;

    /// <summary>Returns whether the data of an owner was erased. Data without a data subject is never erased.</summary>
    public bool Contains(KeyOwner owner) =>
        !_isEmpty
        && owner.Subject.Length > 0
        && (Contains(HashOf(owner)) || Contains(HashOf(owner with { Kind = KeyOwner.AllKinds })));

    /// <summary>
    /// Returns whether an erasure destroyed a key that the key store does not contain. A known owner decides otherwise.
    /// </summary>
    /// <param name="tenant">The tenant of the value.</param>
    /// <param name="id">The id of the key.</param>
    public bool ContainsMissingKey(string tenant, string id) => !_isEmpty && Contains(HashOf(tenant, id));

    public void Add(KeyOwner owner)
    {
        if (owner.Subject.Length > 0)
            Add(HashOf(owner));
    }

    /// <summary>Adds a key of an erased owner, which a key store from before the owner does not contain.</summary>
    /// <param name="tenant">The tenant of the owner.</param>
    /// <param name="id">The id of the key.</param>
    public void AddKey(string tenant, string id) => Add(HashOf(tenant, id));

    private static UInt128 HashOf(KeyOwner owner) => HashOf(["owner", owner.Tenant, owner.Subject, owner.Kind]);

    private static UInt128 HashOf(string tenant, string id) => HashOf(["key", tenant, id]);

    private static UInt128 HashOf(ReadOnlySpan<string> parts)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ProtectionContext.Join(parts), hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private bool Contains(UInt128 hash)
    {
        lock (_lock)
            return _hashes.Contains(hash);
    }

    private void Add(UInt128 hash)
    {
        lock (_lock)
            _hashes.Add(hash);
        _isEmpty = false;
    }
}
