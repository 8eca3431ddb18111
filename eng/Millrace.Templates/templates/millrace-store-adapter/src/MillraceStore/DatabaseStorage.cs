using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Store1Space;

/// <summary>A store in a database.</summary>
public sealed class DatabaseStorage : IStorage
{
    private readonly InMemoryStorage _memory;
    private readonly string _connection;

    /// <summary>Makes a storage, which is opened by <see cref="Open"/>.</summary>
    /// <param name="connection">Where the database is.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public DatabaseStorage(string connection, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        _connection = connection;
        _memory = new InMemoryStorage(time);
        Log = new DatabaseLog(_memory.Log);
        Documents = new DatabaseDocuments(_memory.Documents);
        Leases = new DatabaseLeases(_memory.Leases);
        DeadLetters = new DatabaseDeadLetters(_memory.DeadLetters);
        Maintenance = new DatabaseMaintenance(_memory.Maintenance);
    }

    /// <inheritdoc/>
    public string Description => $"database {_connection}";

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
    public ValueTask Open(CancellationToken cancellationToken) => _memory.Open(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _memory.DisposeAsync();
}
