using Millrace.Redis.Client;

namespace Millrace.Redis.Streams;

/// <summary>A receiver's lease of a group, exclusive or shared.</summary>
internal interface IGroupLease
{
    /// <summary>Gets the consumer as which the receiver reads from the group.</summary>
    string Consumer { get; }

    /// <summary>
    /// Gets the owner that must have the group's lease when the keys of the group change; empty for a shared lease.
    /// </summary>
    string Owner { get; }

    /// <summary>Tries to get the lease; returns true when the receiver is active.</summary>
    ValueTask<bool> TryTake(CancellationToken cancellationToken);

    /// <summary>Renews the lease.</summary>
    /// <param name="unacknowledged">The entries that are not acknowledged.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="RedisConnectionLostException">The lease now belongs to another receiver.</exception>
    ValueTask Renew(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken);

    /// <summary>
    /// Releases the lease and the entries that are not acknowledged, so that another receiver does not have to wait.
    /// </summary>
    ValueTask Release(IReadOnlyList<EntryId> unacknowledged, CancellationToken cancellationToken);

    /// <summary>Records that the receiver is closed, even if Redis is unavailable.</summary>
    void Leave();
}
