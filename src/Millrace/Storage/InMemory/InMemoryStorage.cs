namespace Millrace.Storage.InMemory;

/// <summary>
/// Keeps a store in memory, for tests and for applications that do not need their data after the program ends.
/// </summary>
/// <remarks>
/// It has all guarantees of a storage except durability: its data lives as long as the object. After disposal it can be
/// opened again with the same data, so that a test can restart an application. Several stores may use it at the same
/// time, like nodes with one database. It supports neither SQL nor backups. Thread-safe.
/// </remarks>
public sealed class InMemoryStorage : IStorage
{
    private readonly InMemoryData _data;

    /// <summary>Creates an empty storage.</summary>
    /// <param name="time">The clock for the expiry of handled ids that are looked up outside of commits; null for the
    /// system clock.</param>
    public InMemoryStorage(TimeProvider? time = null)
    {
        _data = new InMemoryData(time ?? TimeProvider.System);
        Log = new InMemoryLog(_data);
        Documents = new InMemoryDocuments(_data);
        Leases = new InMemoryLeases(_data);
        DeadLetters = new InMemoryDeadLetters(_data);
        Maintenance = new InMemoryMaintenance(_data);
    }

    /// <inheritdoc/>
    public string Description => "in memory";

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
    public ValueTask Open(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _data.Open();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the storage until it is opened again; its data is kept.</summary>
    public ValueTask DisposeAsync()
    {
        _data.Close();
        return ValueTask.CompletedTask;
    }
}
