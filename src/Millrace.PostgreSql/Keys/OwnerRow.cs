using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Keys;

/// <summary>
/// An owner with the hashes by which its rows are found. The texts can be longer than an entry of an index.
/// </summary>
/// <param name="Owner">The owner.</param>
/// <param name="SubjectHash">The hash of the tenant and the subject.</param>
/// <param name="OwnerHash">The hash of the tenant, the subject and the kind.</param>
/// <param name="AllKindsHash">The hash of the record for all kinds of data of the subject.</param>
internal sealed record OwnerRow(KeyOwner Owner, byte[] SubjectHash, byte[] OwnerHash, byte[] AllKindsHash)
{
    /// <summary>Gets the number of the lock that changes of the subject take.</summary>
    public long LockNumber => BinaryPrimitives.ReadInt64BigEndian(SubjectHash);

    /// <exception cref="KeyStoreException">PostgreSQL cannot store a text of the owner.</exception>
    public static OwnerRow Of(KeyOwner owner)
    {
        try
        {
            foreach (var text in new[] { owner.Tenant, owner.Subject, owner.Kind })
                StoredText.Check(text);
        }
        catch (StorageException unstorable)
        {
            throw new KeyStoreException(unstorable.Message, unstorable.Problem, unstorable);
        }
        return new OwnerRow(
            owner,
            HashOfSubject(owner.Tenant, owner.Subject),
            Hash(owner.Tenant, owner.Subject, owner.Kind),
            Hash(owner.Tenant, owner.Subject, KeyOwner.AllKinds));
    }

    public static byte[] HashOfSubject(string tenant, string subject) => Hash(tenant, subject);

    /// <summary>Hashes the parts with their lengths, so that different parts never form the same bytes.</summary>
    private static byte[] Hash(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}
