namespace Millrace;

/// <summary>
/// Stores locks, for example in the event store or in Redis. Applications use <see cref="Locks"/>, which waits for
/// locks, renews them and detects their loss. Adapters implement this interface. The suite <c>LockConformance</c> in
/// <c>Millrace.Testing</c> verifies an implementation.
/// </summary>
/// <remarks>
/// Several threads may call all members at the same time. If the provider is unavailable, the members throw a transient
/// <see cref="MillraceException"/>.
/// </remarks>
public interface ILockProvider
{
    /// <summary>The maximum number of characters in the name of a lock.</summary>
    const int MaxNameCharacters = 256;

    /// <summary>Gets a description of the provider for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Acquires a lock if it is free or has expired. If the owner already holds the lock, the method extends the lock
    /// and returns the same token.
    /// </summary>
    /// <param name="name">The name of the lock.</param>
    /// <param name="owner">The owner, with a unique name.</param>
    /// <param name="duration">The duration of the lock from now, according to the provider's clock.</param>
    /// <param name="cancellationToken">Cancels the operation. After a cancellation, the caller does not know whether
    /// the lock was acquired.</param>
    ValueTask<LockResponse> TryTake(string name, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Extends a lock to a duration from now.</summary>
    /// <returns>False, without any change, when the lock is no longer held with this token.</returns>
    ValueTask<bool> Renew(
        string name, string owner, long token, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Releases a lock.</summary>
    /// <returns>False, without any change, when the lock is no longer held with this token.</returns>
    ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken);
}
