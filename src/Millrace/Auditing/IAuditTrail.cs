using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The audit trail of a store: entries in the stream <c>$audit</c> of the log, so that seals cover them. Added by
/// <c>AddAudit</c>. Thread-safe.
/// </summary>
public interface IAuditTrail
{
    /// <summary>Records an entry. When the method returns, the entry is durable.</summary>
    /// <exception cref="ArgumentException">The action or the resource is empty or too long.</exception>
    /// <exception cref="StorageException">The database failed, and the entry is not recorded.</exception>
    ValueTask Record(AuditEntry entry, CancellationToken cancellationToken);

    /// <summary>Reads the matching entries after a position, oldest first.</summary>
    IAsyncEnumerable<AuditEntry> Read(AuditQuery query, long after = 0, CancellationToken cancellationToken = default);

    /// <summary>Reads the matching entries before a position, newest first.</summary>
    IAsyncEnumerable<AuditEntry> ReadBackwards(
        AuditQuery query, long before = long.MaxValue, CancellationToken cancellationToken = default);
}
