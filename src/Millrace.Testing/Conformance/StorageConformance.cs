using Millrace.Storage;

namespace Millrace.Testing;

/// <summary>
/// The conformance suite for storages: every guarantee that a storage makes to Millrace, as a named check. The author
/// of a storage derives from this class, implements <see cref="Create"/>, and uses <see cref="ChecksFor"/> as test
/// cases, or calls <see cref="RunAll"/> from a program.
/// </summary>
/// <remarks>
/// Each check gets a new, empty storage and leaves it to <see cref="Discard"/>. With xunit:
/// <code>
/// public static TheoryData&lt;string&gt; Checks => new(StorageConformance.ChecksFor(StorageFeatures.Reopens).Select(check => check.Name));
///
/// [Theory, MemberData(nameof(Checks))]
/// public Task Keeps_its_promise(string check) => Run(check);
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

    /// <summary>Returns the checks that apply to a storage with the given features.</summary>
    public static IEnumerable<ConformanceCheck> ChecksFor(StorageFeatures features) =>
        Checks.Where(check => (check.Needs & ~features) == 0);

    /// <summary>Runs one check on a new storage.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConformanceException">The storage breaks the guarantee. The message contains the
    /// observation.</exception>
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

    /// <summary>Runs every check that applies to a storage with the given features, even after a failure.</summary>
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

    /// <summary>Creates a new, empty storage that is not open yet.</summary>
    protected abstract ValueTask<IStorage> Create(CancellationToken cancellationToken);

    /// <summary>
    /// Creates a storage on the data of a disposed storage. It is not open yet. Called only with
    /// <see cref="StorageFeatures.Reopens"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> Reopen(IStorage disposed, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that reopens overrides Reopen.");

    /// <summary>
    /// Creates another storage on the data of an open storage, as another node would. It is not open yet. Called only
    /// with <see cref="StorageFeatures.IsShared"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> OpenAnother(IStorage open, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that is shared overrides OpenAnother.");

    /// <summary>
    /// Returns an unused destination for a backup. Called only with <see cref="StorageFeatures.BacksUp"/>.
    /// </summary>
    protected virtual string NewBackupDestination(IStorage open) =>
        throw new NotSupportedException("A storage that backs up overrides NewBackupDestination.");

    /// <summary>
    /// Creates a storage on a backup. It is not open yet. Called only with <see cref="StorageFeatures.BacksUp"/>.
    /// </summary>
    protected virtual ValueTask<IStorage> OpenBackup(string destination, CancellationToken cancellationToken) =>
        throw new NotSupportedException("A storage that backs up overrides OpenBackup.");

    /// <summary>Removes the remains of a disposed storage after a check. Does nothing by default.</summary>
    protected virtual ValueTask Discard(IStorage disposed) => ValueTask.CompletedTask;
}
