using Millrace.Storage.Objects;
using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Objects;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for object storage. The suite has a named check for every guarantee of
/// <see cref="IObjectStorage"/>. The author of an adapter derives from this class, implements <see cref="Create"/>, and
/// uses <see cref="Checks"/> as test cases. A program can also call <see cref="RunAll"/>.
/// </summary>
/// <remarks>
/// All checks can run in one place, because each check uses names that start with its own segment. The checks
/// leave some objects.
/// </remarks>
public abstract class ObjectStorageConformance
{
    private static readonly (string Name, Func<ObjectStorageProbe, Task> Run)[] All =
    [
        .. ObjectContentChecks.All,
        .. ObjectListChecks.All,
        .. ObjectRefusalChecks.All,
    ];

    /// <summary>Gets the names of all checks. Each name states the guarantee.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. All.Select(static check => check.Name)];

    /// <summary>Gets the timeout of one check. The default is 1 minute.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>Runs one check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The storage does not meet the guarantee. The message describes the
    /// failure.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var probe = new ObjectStorageProbe(await Create(limit.Token), await Create(limit.Token), limit.Token);
        await ConformanceRun.Check(check, () => run(probe), CheckTimeout, limit.Token, cancellationToken);
    }

    /// <summary>Runs every check. A failed check does not stop the run.</summary>
    public Task<ConformanceReport> RunAll(
        IProgress<string>? progress = null, CancellationToken cancellationToken = default) =>
        ConformanceRun.All(Checks, static check => check, check => Run(check, cancellationToken), progress);

    /// <summary>
    /// Creates an object for the storage, as another node would create it. All of one check must contain the same
    /// objects. The suite does not dispose them.
    /// </summary>
    protected abstract ValueTask<IObjectStorage> Create(CancellationToken cancellationToken);
}
