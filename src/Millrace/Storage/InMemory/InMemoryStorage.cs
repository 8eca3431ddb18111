namespace Millrace.Storage.InMemory;

/// <summary>Keeps a store in memory: for tests, and for applications that need no more than a program's life.</summary>
/// <remarks>
/// It keeps every promise of a storage but durability: what it holds lives as long as the object. After it was disposed
/// it can be opened again and still holds it, so that a test can restart an application; several stores may work on one
/// at the same time, as nodes do on a database.
/// It runs no SQL and makes no backup. Safe to use from several threads.
/// </remarks>
public sealed class InMemoryStorage : IStorage
{
    private readonly InMemoryData _data;

    /// <summary>Makes an empty storage.</summary>
    /// <param name="time">The clock by which handled ids are forgotten when they are looked up outside of commits; null
    /// for the system's.</param>
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

    /// <summary>Closes the storage until it is opened again; what it holds stays.</summary>
    public ValueTask DisposeAsync()
    {
        _data.Close();
        return ValueTask.CompletedTask;
    }
}
