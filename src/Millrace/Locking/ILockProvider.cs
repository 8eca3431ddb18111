namespace Millrace;

/// <summary>
/// Stores locks: in the event store, or in Redis. Applications use <see cref="Locks"/>, which waits, renews and detects
/// a loss; an adapter implements this interface. The suite <c>LockConformance</c> in <c>Millrace.Testing</c> verifies
/// an implementation.
/// </summary>
/// <remarks>
/// All members can be called from several threads at once. A provider that is unavailable throws a <see
/// cref="MillraceException"/> that is transient.
/// </remarks>
public interface ILockProvider
{
    /// <summary>The maximum number of characters in the name of a lock.</summary>
    const int MaxNameCharacters = 256;

    /// <summary>Gets a description of the provider for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Takes a lock when it is free, or its holder has not renewed it for its duration. An owner that already holds it
    /// takes it again and gets the same token.
    /// </summary>
    /// <param name="name">The name of the lock.</param>
    /// <param name="owner">The owner, with a unique name.</param>
    /// <param name="duration">How long the lock is held from now, by the provider's clock.</param>
    /// <param name="cancellationToken">Cancels the operation. It is then unknown whether the lock was taken.</param>
    ValueTask<LockResponse> TryTake(string name, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Extends a lock to a duration from now.</summary>
    /// <returns>False, without any change, when the lock is no longer held with this token.</returns>
    ValueTask<bool> Renew(
        string name, string owner, long token, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Releases a lock.</summary>
    /// <returns>False, without any change, when the lock is no longer held with this token.</returns>
    ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken);
}
