using Millrace.Storage;
using Millrace.Testing.Conformance;
using Millrace.Testing.Conformance.Checks;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for storages. The suite has a named check for every guarantee of a storage. The author of a
/// storage derives from this class, implements <see cref="Create"/>, and uses <see cref="ChecksFor"/> as test cases. A
/// program can also call <see cref="RunAll"/>.
/// </summary>
/// <remarks>
/// Each check uses a new, empty storage. Afterwards, the suite disposes the storage and calls <see cref="Discard"/>.
/// With xunit:
/// <code>
/// public static TheoryData&lt;string&gt; Checks =>
///     new(StorageConformance.ChecksFor(StorageFeatures.Reopens).Select(check => check.Name));
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Passes_the_conformance_check(string check) => Run(check);
/// </code>
/// </remarks>
public abstract class StorageConformance
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Gets all checks.</summary>
    public static IReadOnlyList<ConformanceCheck> Checks { get; } =
    [
        .. AppendChecks.All,
        .. BatchChecks.All,
        .. IdempotencyChecks.All,
        .. ConditionChecks.All,
        .. GuardChecks.All,
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
        .. ReplacementChecks.All,
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
        .. StatementChecks.All,
        .. BackupChecks.All,
        .. MoveConformanceChecks.All,
        .. ScheduleChecks.All,
    ];

    /// <summary>Returns the checks that apply to a storage with the given features.</summary>
    public static IEnumerable<ConformanceCheck> ChecksFor(StorageFeatures features) =>
        Checks.Where(check => (check.Needs & ~features) == 0);

    /// <summary>Runs one check on a new storage.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The storage does not meet the guarantee. The message describes the
    /// failure.</exception>
    /// <exception cref="ArgumentException">The suite has no check with this name.</exception>
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

    /// <summary>
    /// Runs every check that applies to a storage with the given features. A failed check does not stop the run.
    /// </summary>
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

    /// <summary>Creates a new, empty storage without opening it.</summary>
    protected abstract ValueTask<IStorage> Create(CancellationToken cancellationToken);

    /// <summary>
    /// Creates a storage on the data of a disposed storage, without opening it. The suite calls this method only for
    /// storages with <see cref="StorageFeatures.Reopens"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that reopens overrides Reopen.");

    /// <summary>
    /// Creates another storage on the data of an open storage, as another node would, without opening it. The suite
    /// calls this method only for storages with <see cref="StorageFeatures.IsShared"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that is shared overrides OpenAnother.");

    /// <summary>
    /// Returns an unused destination for a backup. The suite calls this method only for storages with <see
    /// cref="StorageFeatures.BacksUp"/>.
    /// </summary>
    protected virtual string NewBackupDestination(IStorage open) =>
        throw new NotSupportedException("A storage that backs up overrides NewBackupDestination.");

    /// <summary>
    /// Creates a storage on a backup, without opening it. The suite calls this method only for storages with <see
    /// cref="StorageFeatures.BacksUp"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that backs up overrides OpenBackup.");

    /// <summary>
    /// Removes the data of a disposed storage after a check. The default implementation does nothing.
    /// </summary>
    protected virtual ValueTask Discard(IStorage disposed) => ValueTask.CompletedTask;
}
