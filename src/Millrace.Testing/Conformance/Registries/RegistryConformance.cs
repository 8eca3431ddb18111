using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Registries;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for service registries. The suite has a named check for every guarantee of
/// <see cref="IServiceRegistry"/>. The author of a registry derives from this class, implements <see cref="Create"/>,
/// and uses <see cref="Checks"/> as test cases.
/// </summary>
/// <remarks>
/// All checks can run on one server, because each check uses its own names. Some checks wait until an instance expires.
/// They need a few seconds of real time.
/// </remarks>
public abstract class RegistryConformance
{
    /// <summary>Gets the names of all checks. Each name states the guarantee.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. RegistryChecks.All.Select(static check => check.Name)];

    /// <summary>Gets the timeout of one check. The default is 1 minute.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>Runs one check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The registry does not meet the guarantee. The message describes the
    /// failure.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = RegistryChecks.All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var probe = new RegistryProbe(await Create(limit.Token), await Create(limit.Token), limit.Token);
        await ConformanceRun.Check(check, () => run(probe), CheckTimeout, limit.Token, cancellationToken);
    }

    /// <summary>
    /// Creates a registry, as another node would create it. All registries of one check must contain the same
    /// instances. The suite disposes the registry.
    /// </summary>
    protected abstract ValueTask<IServiceRegistry> Create(CancellationToken cancellationToken);
}
