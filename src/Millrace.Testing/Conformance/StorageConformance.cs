using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite: every promise that a storage makes to Millrace, as named checks. The author of a storage
/// derives from it, says how a storage is made, and exposes <see cref="ChecksFor"/> as the cases of a test, or calls
/// <see cref="RunAll"/> from a program.
/// </summary>
/// <remarks>
/// Each check gets a new, empty storage and leaves it to <see cref="Discard"/>. With xunit:
/// <code>
/// public static TheoryData&lt;string&gt; Checks =>
///     new(StorageConformance.ChecksFor(StorageFeatures.Reopens).Select(check => check.Name));
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Keeps_its_promise(string check) => Run(check);
/// </code>
/// </remarks>
public abstract class StorageConformance
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Every check there is.</summary>
    public static IReadOnlyList<ConformanceCheck> Checks { get; } =
    [
        .. AppendChecks.All,
        .. BatchChecks.All,
        .. IdempotencyChecks.All,
        .. ConditionChecks.All,
        .. ClaimChecks.All,
        .. HandledChecks.All,
        .. DocumentChecks.All,
        .. CollectionChecks.All,
        .. QueryChecks.All,
        .. FieldTypeChecks.All,
        .. LongTextChecks.All,
        .. PagingChecks.All,
        .. LeaseChecks.All,
        .. PartitionChecks.All,
        .. CheckpointChecks.All,
        .. DeadLetterChecks.All,
        .. DeadLetterQueryChecks.All,
        .. DeadLetterResetChecks.All,
        .. ReadModelChecks.All,
        .. RemovalChecks.All,
        .. RemovalRecordChecks.All,
        .. StreamReadChecks.All,
        .. LogReadChecks.All,
        .. FilterChecks.All,
        .. ListingChecks.All,
        .. SnapshotChecks.All,
        .. FidelityChecks.All,
        .. TimeChecks.All,
        .. MaintenanceChecks.All,
        .. ConcurrencyChecks.All,
        .. ReopenChecks.All,
        .. SharingChecks.All,
        .. StatementChecks.All, .. BackupChecks.All, .. ScheduleChecks.All,
    ];

    /// <summary>The checks that make sense for a storage with some features: those that need no more.</summary>
    public static IEnumerable<ConformanceCheck> ChecksFor(StorageFeatures features) =>
        Checks.Where(check => (check.Needs & ~features) == 0);

    /// <summary>Runs one check on a new storage.</summary>
    /// <param name="check">The check's name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConformanceException">The storage does not keep the promise; says how that was
    /// seen.</exception>
    /// <exception cref="ArgumentException">There is no check of that name.</exception>
    public async Task Run(string check, CancellationToken cancellationToken = default)
    {
        var found = Checks.FirstOrDefault(one => one.Name == check) ?? throw new ArgumentException(
            $"There is no check '{check}'.", nameof(check));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckTimeout);
        var storage = await Create(limit.Token);
        var probe = new StorageProbe(this, storage, limit.Token);
        try
        {
            await ConformanceRun.Check(check, () => Run(found, probe), CheckTimeout, limit.Token, cancellationToken);
        }
        finally
        {
            await probe.DisposeAsync();
            await Discard(probe.Storage);
        }
    }

    /// <summary>Runs every check that makes sense for a storage with some features, whatever the ones before
    /// found.</summary>
    public Task<ConformanceReport> RunAll(
        StorageFeatures features,
        IProgress<ConformanceCheck>? progress = null,
        CancellationToken cancellationToken = default) =>
        ConformanceRun.All(
            ChecksFor(features), static check => check.Name, check => Run(check, cancellationToken), progress);

    private static async Task Run(ConformanceCheck check, StorageProbe probe)
    {
        await probe.Storage.Open(probe.Cancel);
        await check.Run(probe);
    }

    internal ValueTask<IStorage> ReopenFor(StorageProbe probe) => Reopen(probe.Storage, probe.Cancel);

    internal ValueTask<IStorage> OpenAnotherFor(StorageProbe probe) => OpenAnother(probe.Storage, probe.Cancel);

    internal string NewBackupDestinationFor(StorageProbe probe) => NewBackupDestination(probe.Storage);

    internal ValueTask<IStorage> OpenBackupFor(StorageProbe probe, string destination) =>
        OpenBackup(destination, probe.Cancel);

    /// <summary>Makes a new, empty storage that is not opened yet.</summary>
    protected abstract ValueTask<IStorage> Create(CancellationToken cancellationToken);

    /// <summary>
    /// Makes a storage on the data of one that was disposed, not opened yet. Called only with
    /// <see cref="StorageFeatures.Reopens"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that reopens overrides Reopen.");

    /// <summary>
    /// Makes another storage on the data of one that is open, as another node does; not opened yet. Called only with
    /// <see cref="StorageFeatures.IsShared"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that is shared overrides OpenAnother.");

    /// <summary>Names a place for a backup where nothing is yet. Called only with
    /// <see cref="StorageFeatures.BacksUp"/>.</summary>
    protected virtual string NewBackupDestination(IStorage open) =>
        throw new NotSupportedException("A storage that backs up overrides NewBackupDestination.");

    /// <summary>Makes a storage on a backup, not opened yet. Called only with
    /// <see cref="StorageFeatures.BacksUp"/>.</summary>
    protected virtual ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that backs up overrides OpenBackup.");

    /// <summary>Removes what a check left of a storage, which is disposed already; nothing by default.</summary>
    protected virtual ValueTask Discard(IStorage disposed) => ValueTask.CompletedTask;
}
