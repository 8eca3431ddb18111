using Millrace.Messaging;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite of stores for the bodies of large messages: every promise that an <see cref="IBodyStore"/>
/// makes, as named checks. The author of one derives from it, says how a store is made, and exposes
/// <see cref="Checks"/> as the cases of a test.
/// </summary>
/// <remarks>The checks have bodies of their own. They remove what ended before the year 2001 and nothing
/// else.</remarks>
public abstract class BodyStoreConformance
{
    /// <summary>The names of all checks: the promises, in sentences.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. BodyStoreChecks.All.Select(static check => check.Name)];

    /// <summary>How long one check may take; 1 minute by default.</summary>
    protected virtual TimeSpan CheckTimeout => TimeSpan.FromMinutes(1);

    /// <summary>Runs one check.</summary>
    /// <param name="check">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">The promise is not kept; says how that was seen.</exception>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = BodyStoreChecks.All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var (sender, receiver) = (await Create(limit.Token), await Create(limit.Token));
        await ConformanceRun.Check(
            check, () => run(sender, receiver, limit.Token), CheckTimeout, limit.Token, cancellationToken);
    }

    /// <summary>Makes a store as another node has it. Those made in one check have the same bodies; who makes them
    /// disposes them.</summary>
    protected abstract ValueTask<IBodyStore> Create(CancellationToken cancellationToken);
}
