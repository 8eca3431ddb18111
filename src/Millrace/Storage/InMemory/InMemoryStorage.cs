namespace Millrace.Storage.InMemory;

/// <summary>
/// A storage that keeps all data in memory, for tests and for applications that do not need their data after the
/// program ends.
/// </summary>
/// <remarks>
/// This storage has all guarantees of a storage except durability, because its data exists only as long as the object.
/// After disposal, the storage can be opened again with the same data, so that a test can restart an application.
/// Several stores can use the storage at the same time, like nodes with one database. The storage supports neither SQL
/// nor backups. This class is thread-safe.
/// </remarks>
public sealed class InMemoryStorage : IStorage
{
    private readonly InMemoryData _data;

    /// <summary>Creates an empty storage.</summary>
    /// <param name="time">The clock that decides whether handled ids have expired when they are read outside of
    /// commits; null for the system clock.</param>
    public InMemoryStorage(TimeProvider? time = null)
    {
        _data = new InMemoryData(time ?? TimeProvider.System);
        Log = new InMemoryLog(_data);
        Documents = new InMemoryDocuments(_data);
        Leases = new InMemoryLeases(_data);
        DeadLetters = new InMemoryDeadLetters(_data);
        Maintenance = new InMemoryMaintenance(_data);
        Planner = new InMemoryPlanner(_data);
    }

    /// <inheritdoc/>
    public string Description => Name;

    internal const string Name = "in memory";

    /// <inheritdoc/>
    public ILogStorage Log { get; }

    /// <inheritdoc/>
    public IDocumentStorage Documents { get; }

    /// <inheritdoc/>
    public ILeaseStorage Leases { get; }

    /// <inheritdoc/>
    public IDeadLetterStorage DeadLetters { get; }

    /// <inheritdoc/>
    public IMaintenanceStorage Maintenance { get; }

    /// <inheritdoc/>
    public IQueryPlanner Planner { get; }

    /// <inheritdoc/>
    public ValueTask Open(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _data.Open();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the storage. The data is kept, and the storage can be opened again.</summary>
    public ValueTask DisposeAsync()
    {
        _data.Close();
        return ValueTask.CompletedTask;
    }
}
