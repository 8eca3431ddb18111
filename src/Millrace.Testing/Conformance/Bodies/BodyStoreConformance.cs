using Millrace.Messaging;
using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Bodies;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for stores of large message bodies. The suite has a named check for every guarantee of
/// <see cref="IBodyStore"/>. The author of a store derives from this class, implements <see cref="Create"/>, and uses
/// <see cref="Checks"/> as test cases.
/// </summary>
/// <remarks>
/// The checks store their own bodies. They remove only bodies that expired before 2001.
/// </remarks>
public abstract class BodyStoreConformance
{
    /// <summary>Gets the names of all checks. Each name states the guarantee.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. BodyStoreChecks.All.Select(static check => check.Name)];

    /// <summary>Gets the timeout of one check. The default is 1 minute.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>Runs one check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The store does not meet the guarantee. The message describes the
    /// failure.</exception>
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
    /// Creates a store, as another node would create it. All stores of one check must contain the same bodies. The
    /// suite disposes the store.
    /// </summary>
    protected abstract ValueTask<IBodyStore> Create(CancellationToken cancellationToken);
}
