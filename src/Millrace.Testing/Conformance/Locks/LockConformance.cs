namespace Millrace.Testing;

/// <summary>
/// The conformance suite of locks: every promise that an <see cref="ILockProvider"/> makes, as named checks. The author
/// of one derives from it, says how a keeper is made, and exposes <see cref="Checks"/> as the cases of a test.
/// </summary>
/// <remarks>
/// The checks use names of their own, so that all of them may run on one server. Some wait until a lock ends: in real
/// time, up to some seconds.
/// </remarks>
public abstract class LockConformance
{
    /// <summary>The names of all checks: the promises, in sentences.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. LockChecks.All.Select(static check => check.Name)];

    /// <summary>How long one check may take; 1 minute by default.</summary>
    protected virtual TimeSpan CheckTimeout => TimeSpan.FromMinutes(1);

    /// <summary>Runs one check.</summary>
    /// <param name="check">Its name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">The promise is not kept; says how that was seen.</exception>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = LockChecks.All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var probe = new LockProbe(await Create(limit.Token), await Create(limit.Token), limit.Token);
        await ConformanceRun.Check(check, () => run(probe), CheckTimeout, limit.Token, cancellationToken);
    }

    /// <summary>Makes a keeper as another node has it. Those made in one check keep the same locks; who makes them
    /// disposes them.</summary>
    protected abstract ValueTask<ILockProvider> Create(CancellationToken cancellationToken);
}
