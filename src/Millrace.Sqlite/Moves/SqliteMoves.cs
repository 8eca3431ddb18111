using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Moves;

/// <summary>An SQLite file as the source or target of a move.</summary>
internal sealed class SqliteMoves(SqliteOptions options, TimeProvider time) : IMoveEndpoint, IDisposable
{
    private const string CountContent = """
        SELECT (SELECT count(*) FROM (SELECT 1 FROM events LIMIT 1)) + (SELECT count(*) FROM (SELECT 1 FROM consumers LIMIT 1))
            + (SELECT count(*) FROM collections) + (SELECT count(*) FROM (SELECT 1 FROM claims LIMIT 1))
        """;
    private const string ListTables =
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'";
    private const string ForgetNote = "DELETE FROM move_notes WHERE id = ?1";
    private const string SetMoverFlag = "UPDATE move SET passing = 1";
    private const string PutSource =
        "INSERT OR REPLACE INTO move (id, role, other, passing) VALUES (1, 'source', ?1, 0)";
    private const string PutTarget =
        "INSERT OR REPLACE INTO move (id, role, other, passing) VALUES (1, 'target', ?1, 0)";

    // A transaction of a restore changes many pages, and those that do not fit are written more than once.
    private const long MinCacheBytes = 256L * 1024 * 1024;

    private static readonly TimeSpan FenceTimeout = TimeSpan.FromMilliseconds(300);

    private readonly WalCheckpointer _checkpointer = new(options);
    private FileStream? _moveLock;
    private bool _hasWritten;

    public ValueTask<MoveState> GetState(CancellationToken cancellationToken)
    {
        if (!File.Exists(options.Path))
            return new(new MoveState(null, IsEmpty: true, MoveRole.None, ""));
        using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
        StoreFile.ThrowIfOtherDatabase(connection);
        var version = StoreFile.CheckVersion(connection);
        if (version == 0)
            return new(new MoveState(null, IsEmpty: true, MoveRole.None, ""));
        if (version < StoreSchema.Version)
        {
            throw new StorageException(
                $"SQLite store '{options.Path}' has schema version {version} and must be upgraded to version "
                    + $"{StoreSchema.Version} before it is moved.",
                StorageProblem.TooOld);
        }
        connection.Get("BEGIN").Run();
        var (role, other) = MoveTriggers.Find(connection);
        var isEmpty = connection.Get(CountContent).Scalar() == 0;
        return new(
            new MoveState(SqliteMoveSession.ReadHeader(connection), isEmpty, role, other)
            {
                Foreign = ListOtherTables(connection),
            }
        );
    }

    public ValueTask ThrowIfClosed(CancellationToken cancellationToken)
    {
        using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
        connection.KeepLogOnClose();
        return MoveTriggers.FindRefusal(connection) is { } refusal ? throw refusal : default;
    }

    public ValueTask StartSource(string other, CancellationToken cancellationToken)
    {
        AcquireMoveLock();
        Write(
            static (connection, other) =>
            {
                MoveTriggers.Install(connection);
                connection.Get(PutSource).Bind(1, other).Run();
            },
            other);
        return default;
    }

    public ValueTask StartTarget(string other, CancellationToken cancellationToken)
    {
        AcquireMoveLock();
        if (!File.Exists(options.Path) || new FileInfo(options.Path).Length == 0)
            StoreFile.Open(options, time).Dispose();
        Write(
            static (connection, other) =>
            {
                MoveTriggers.Install(connection);
                connection.Get(PutTarget).Bind(1, other).Run();
            },
            other);
        return default;
    }

    public ValueTask NoteCollections(CancellationToken cancellationToken)
    {
        Write(static (connection, _) => MoveTriggers.Install(connection), 0);
        return default;
    }

    public ValueTask RemoveNotes(IReadOnlyList<long> notes, CancellationToken cancellationToken)
    {
        if (notes.Count == 0)
            return default;
        Write(
            static (connection, notes) =>
            {
                foreach (var note in notes)
                    connection.Get(ForgetNote).Bind(1, note).Run();
            },
            notes);
        return default;
    }

    public ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (kind == MoveSessionKind.Read)
        {
            var reading = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
            reading.KeepLogOnClose();
            reading.Get("BEGIN").Run();
            return new(new SqliteMoveSession(reading, kind, committed: null));
        }
        var writing = OpenToWrite();
        try
        {
            if (kind == MoveSessionKind.Fence)
                writing.SetBusyTimeout(FenceTimeout);
            writing.Get("BEGIN IMMEDIATE").Run();
            if (kind == MoveSessionKind.Write)
                writing.Get(SetMoverFlag).Run();
            return new(new SqliteMoveSession(writing, kind, _checkpointer.Committed));
        }
        catch
        {
            writing.Rollback();
            writing.Dispose();
            throw;
        }
    }

    public ValueTask End(CancellationToken cancellationToken)
    {
        AcquireMoveLock();
        Write(static (connection, _) => MoveTriggers.Remove(connection), 0);
        return default;
    }

    public void Dispose()
    {
        if (_hasWritten)
            _checkpointer.CopyAtClose();
        _checkpointer.Dispose();
        _moveLock?.Dispose();
    }

    /// <summary>Allows one mover at a time: it locks a file next to the store, which is removed afterwards.</summary>
    private void AcquireMoveLock()
    {
        try
        {
            _moveLock ??= new FileStream(
                options.Path + "-move",
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose);
        }
        catch (IOException) when (File.Exists(options.Path + "-move"))
        {
            throw MoveRefusal.AlreadyMoving($"SQLite store '{options.Path}'");
        }
    }

    private static List<string> ListOtherTables(Connection connection)
    {
        var ownTables = new HashSet<string>(MoveTriggers.Own, StringComparer.Ordinal);
        ownTables.UnionWith(Collections.List(connection).ConvertAll(collection => collection.Table));
        var foreign = new List<string>();
        var row = connection.Get(ListTables);
        while (row.Step())
        {
            if (!ownTables.Contains(row.GetText(0)))
                foreign.Add(row.GetText(0));
        }
        row.Reset();
        return foreign;
    }

    private void Write<TState>(Action<Connection, TState> work, TState state)
    {
        using var connection = OpenToWrite();
        connection.Get("BEGIN IMMEDIATE").Run();
        try
        {
            work(connection, state);
            connection.Get("COMMIT").Run();
        }
        catch
        {
            connection.Rollback();
            throw;
        }
        _checkpointer.Committed(connection);
    }

    private Connection OpenToWrite()
    {
        var connection = Connection.Open(options.Path, ConnectionKind.Write, options.BusyTimeout);
        StoreFile.Configure(connection, options);
        connection.Execute($"PRAGMA cache_size = -{Math.Max(options.CacheBytes, MinCacheBytes) / 1024}");
        connection.TakePagesWritten(); // Pages written by opening the file do not count.
        _hasWritten = true;
        return connection;
    }
}
