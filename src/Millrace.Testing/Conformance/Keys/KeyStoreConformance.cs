using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Keys;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for key stores. The suite has a named check for every guarantee of <see cref="IKeyStore"/>.
/// The author of a key store derives from this class, implements <see cref="Create"/> and <see cref="OpenAnother"/>,
/// and uses <see cref="Checks"/> as test cases. A program can also call <see cref="RunAll"/>.
/// </summary>
/// <remarks>Each check uses a new, empty key store. Afterwards, the suite disposes it.</remarks>
public abstract class KeyStoreConformance
{
    private static readonly (string Name, Func<KeyStoreProbe, Task> Run)[] All =
    [
        .. KeyStoreLifetimeChecks.All,
        .. KeyAdditionChecks.All,
        .. KeyOwnerChecks.All,
        .. KeyChangeChecks.All,
        .. KeyDestructionChecks.All,
        .. KeyListChecks.All,
    ];

    /// <summary>Gets the names of all checks. Each name states the guarantee.</summary>
    public static IReadOnlyList<string> Checks { get; } = [.. All.Select(static check => check.Name)];

    /// <summary>Gets the timeout of one check. The default is 1 minute.</summary>
    protected virtual TimeSpan CheckTimeout => ConformanceRun.CheckTimeout;

    /// <summary>Runs one check on a new key store.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The key store does not meet the guarantee. The message describes the
    /// failure.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var (_, run) = All.FirstOrDefault(one => one.Name == check);
        if (run is null)
            throw new ArgumentException($"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        await using var probe = new KeyStoreProbe(this, await Create(limit.Token), limit.Token);
        await ConformanceRun.Check(
            check,
            async () =>
            {
                await probe.Open();
                await run(probe);
            },
            CheckTimeout,
            limit.Token,
            cancellationToken);
    }

    /// <summary>Runs every check. A failed check does not stop the run.</summary>
    public Task<ConformanceReport> RunAll(
        IProgress<string>? progress = null, CancellationToken cancellationToken = default) =>
        ConformanceRun.All(Checks, static check => check, check => Run(check, cancellationToken), progress);

    internal ValueTask<IKeyStore> CreateFor(KeyStoreProbe probe) => Create(probe.Cancel);

    internal ValueTask<IKeyStore> OpenAnotherFor(KeyStoreProbe probe) => OpenAnother(probe.Store, probe.Cancel);

    /// <summary>Creates a new, empty key store without opening it. Each call creates a different key store.</summary>
    protected abstract ValueTask<IKeyStore> Create(CancellationToken cancellationToken);

    /// <summary>
    /// Creates another object for the data of a key store, without opening it, as another process would create it. The
    /// first object may be open or disposed.
    /// </summary>
    protected abstract ValueTask<IKeyStore> OpenAnother(IKeyStore first, CancellationToken cancellationToken);
}
