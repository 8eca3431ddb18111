using Millrace.Messaging;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for stores of large message bodies: every guarantee of <see cref="IBodyStore"/> as a named
/// check. The author of a store derives from this class, implements <see cref="Create"/>, and uses <see cref="Checks"/>
/// as test cases.
/// </summary>
/// <remarks>The checks use their own bodies. They remove bodies that expired before 2001, and nothing else.</remarks>
public abstract class BodyStoreConformance
{
    /// <summary>Gets the names of all checks. Each name states the guarantee.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. BodyStoreChecks.All.Select(static check => check.Name)];

    /// <summary>Gets the timeout of one check; 1 minute by default.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>Runs one check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The store breaks the guarantee. The message contains the
    /// observation.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = BodyStoreChecks.All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var sender = await Create(limit.Token);
        var receiver = await Create(limit.Token);
        await ConformanceRun.Check(
            check, () => run(sender, receiver, limit.Token), CheckTimeout, limit.Token, cancellationToken);
    }

    /// <summary>
    /// Creates a store as another node would. All stores of one check contain the same bodies. The caller disposes the
    /// store.
    /// </summary>
    protected abstract ValueTask<IBodyStore> Create(CancellationToken cancellationToken);
}
