using Store1Space.Journal;

namespace Store1Space;

/// <summary>A store in one file, which one program uses at a time.</summary>
public sealed class DatabaseStorage : IStorage
{
    private readonly JournaledMemory _store;
    private readonly string _path;

    /// <summary>Creates a storage. <see cref="Open"/> opens it.</summary>
    /// <param name="path">The path of the file, which is created if it does not exist.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    public DatabaseStorage(string path, TimeProvider? time = null)
        : this(path, time ?? TimeProvider.System, static path => new JournalFile(path))
    {
    }

    internal DatabaseStorage(string path, TimeProvider time, Func<string, JournalFile> open)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
        _store = new JournaledMemory(path, time, open);
        Log = new DatabaseLog(_store);
        Documents = new DatabaseDocuments(_store);
        Leases = new DatabaseLeases(_store);
        DeadLetters = new DatabaseDeadLetters(_store);
        Maintenance = new DatabaseMaintenance(_store);
    }

    /// <inheritdoc/>
    public string Description => $"journal {_path}";

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
    public async ValueTask Open(CancellationToken cancellationToken) => await _store.Open(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
