namespace Millrace;

/// <summary>
/// Where locks are kept: in the store, or in Redis. Applications use <see cref="Locks"/>, which waits, renews and
/// notices a loss; an adapter implements this. Proven by the suite <c>LockConformance</c> in <c>Millrace.Testing</c>.
/// </summary>
/// <remarks>
/// All members may be called from several threads at once. A keeper that is away throws a
/// <see cref="MillraceException"/> that is transient.
/// </remarks>
public interface ILockProvider
{
    /// <summary>The most characters that the name of a lock has.</summary>
    const int MaxNameCharacters = 256;

    /// <summary>What keeps the locks, for people.</summary>
    string Description { get; }

    /// <summary>
    /// Takes a lock when nobody holds it, or who holds it has been silent for longer than it asked for. Who holds it
    /// already takes it again, with the token that it has.
    /// </summary>
    /// <param name="name">The lock.</param>
    /// <param name="owner">Who asks; nobody else has the name.</param>
    /// <param name="duration">How long it is held from now, by the keeper's clock.</param>
    /// <param name="cancellationToken">Gives up; whether the lock was taken is then open.</param>
    ValueTask<LockResponse> TryTake(string name, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Has a lock held for a duration from now.</summary>
    /// <returns>False, and nothing is done, when it is no longer held with this token.</returns>
    ValueTask<bool> Renew(
        string name, string owner, long token, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Gives a lock back.</summary>
    /// <returns>False, and nothing is done, when it is no longer held with this token.</returns>
    ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken);
}
