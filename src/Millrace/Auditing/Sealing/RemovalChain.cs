using System.Security.Cryptography;
using Millrace.Auditing.Merkle;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// A hash over the records of removals, in their order. A seal contains it, so that a record cannot be added, changed
/// or removed afterwards. The format is permanent.
/// </summary>
/// <param name="Count">The number of records.</param>
/// <param name="Hash">The hash: SHA-256 of the hash before the last record, and of the record.</param>
internal readonly record struct RemovalChain(long Count, Hash256 Hash)
{
    /// <summary>Returns the chain with the next record.</summary>
    public RemovalChain Add(RemovalRecord record, CanonicalWriter writer)
    {
        writer.Clear();
        Span<byte> previous = stackalloc byte[Hash256.Length];
        Hash.CopyTo(previous);
        writer.Write(previous);
        writer.Write(record.Stream.Value);
        writer.Write((int)record.Kind);
        writer.Write(record.FromVersion);
        writer.Write(record.ToVersion);
        writer.Write(record.Events);
        writer.Write(record.Reason);
        writer.Write(record.User);
        writer.Write(record.At);
        Span<byte> next = stackalloc byte[Hash256.Length];
        SHA256.HashData(writer.Written, next);
        return new RemovalChain(Count + 1, new Hash256(next));
    }
}
