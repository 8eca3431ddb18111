using Millrace.Sqlite.Moves;
using SQLitePCL;

namespace Millrace.Sqlite.Driver;

/// <summary>A connection to the file with its prepared statements. Used by one thread at a time.</summary>
internal sealed class Connection : IDisposable
{
    private const int MaxStatements = 200;
    private const int NoCheckpointOnClose = 1006; // SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE
    private const int PagesWrittenCounter = 9; // SQLITE_DBSTATUS_CACHE_WRITE
    private const int RefusedByTrigger = 1811; // SQLITE_CONSTRAINT_TRIGGER
    private const uint Persistent = 1; // SQLITE_PREPARE_PERSISTENT

    private readonly sqlite3 _handle;
    private readonly Dictionary<string, Statement> _statements = new(SqlTextComparer.Instance);
    private readonly Dictionary<string, Statement> _userStatements = new(SqlTextComparer.Instance);
    private long _uses;

    private Connection(sqlite3 handle, string path) => (_handle, Path) = (handle, path);

    public string Path { get; }

    public bool IsInTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>The number of rows changed by the last statement.</summary>
    public int Changes => NativeMethods.sqlite3_changes(_handle.DangerousGetHandle());

    /// <summary>Opens the file.</summary>
    /// <exception cref="Storage.StorageException">The file cannot be opened.</exception>
    public static Connection Open(string path, ConnectionKind kind, TimeSpan busyTimeout)
    {
        SqliteLibrary.Load();
        var flags = kind switch
        {
            ConnectionKind.Create => raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE,
            ConnectionKind.Write => raw.SQLITE_OPEN_READWRITE,
            ConnectionKind.Frozen => raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI,
            _ => raw.SQLITE_OPEN_READONLY,
        };
        var isForWriting = kind is ConnectionKind.Create or ConnectionKind.Write;
        var address = kind == ConnectionKind.Frozen ? ImmutableUri(path) : path;
        var code = raw.sqlite3_open_v2(address, out var handle, flags | raw.SQLITE_OPEN_NOMUTEX, null);
        var connection = new Connection(handle, path);
        if (code == raw.SQLITE_OK && isForWriting && raw.sqlite3_db_readonly(handle, "main") == 1)
            // SQLite opens a file that it may not write as read-only, and would fail only at the first write.
            code = raw.SQLITE_READONLY;
        if (code != raw.SQLITE_OK)
        {
            var failure = connection.Failure(code);
            connection.Dispose();
            throw failure;
        }
        _ = raw.sqlite3_extended_result_codes(handle, 1);
        connection.SetBusyTimeout(busyTimeout);
        return connection;
    }

    /// <summary>Returns a statement from the cache, preparing it if necessary.</summary>
    public Statement Get(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            ForgetOldest(_statements);
            _statements.Add(sql, statement = Prepare(sql));
        }
        statement.LastUse = ++_uses;
        return statement;
    }

    /// <summary>Prepares a statement that the caller disposes.</summary>
    public Statement Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v3(_handle, sql, Persistent, out var handle);
        return code == raw.SQLITE_OK ? new Statement(this, handle) : throw Failure(code);
    }

    /// <summary>
    /// Returns an application's statement from the cache, preparing it if necessary. <paramref name="allow"/>
    /// authorizes its actions.
    /// </summary>
    public Statement GetUserStatement(string sql, strdelegate_authorizer allow)
    {
        if (!_userStatements.TryGetValue(sql, out var statement))
        {
            ForgetOldest(_userStatements);
            _userStatements.Add(sql, statement = Prepare(sql, allow));
        }
        statement.LastUse = ++_uses;
        return statement;
    }

    /// <summary>Disposes all cached statements before a table is dropped.</summary>
    public void ForgetStatements()
    {
        Forget(_statements);
        Forget(_userStatements);
    }

    /// <summary>Runs one or more statements without parameters.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    /// <summary>Rolls back a failed transaction, whatever its state.</summary>
    public void Rollback()
    {
        if (IsInTransaction)
            _ = raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    /// <summary>Reads the first bytes of the file before SQLite interprets it, and returns their number.</summary>
    public int ReadHeader(Span<byte> header)
    {
        var (code, length) = FileHeader.Read(_handle.DangerousGetHandle(), header);
        return code == raw.SQLITE_OK ? length : throw Failure(code);
    }

    /// <summary>Reads bytes of the file without a lock, and returns their number.</summary>
    public int ReadFile(long offset, Span<byte> bytes)
    {
        var (code, length) = FileHeader.Read(_handle.DangerousGetHandle(), bytes, offset);
        return code == raw.SQLITE_OK ? length : throw Failure(code);
    }

    /// <summary>Returns the number of pages written since the last call.</summary>
    public int TakePagesWritten() =>
        raw.sqlite3_db_status(_handle, PagesWrittenCounter, out var pages, out _, 1) == raw.SQLITE_OK ? pages : 0;

    /// <summary>Leaves the write-ahead log unchanged when this is the last connection to close.</summary>
    public void KeepLogOnClose() => _ = raw.sqlite3_db_config(_handle, NoCheckpointOnClose, 1, out _);

    /// <summary>Copies pages of the write-ahead log into the file.</summary>
    /// <returns>The result code, the number of frames in the log, and the number of copied frames.</returns>
    public (int Code, int Frames, int Copied) Checkpoint(int mode)
    {
        var code = raw.sqlite3_wal_checkpoint_v2(_handle, "main", mode, out var frames, out var copied);
        return (code, frames, copied);
    }

    /// <summary>Sets how long to wait for locks of other connections.</summary>
    public void SetBusyTimeout(TimeSpan timeout) => BusyWait.Set(_handle, timeout);

    /// <summary>Starts to copy the whole database into another one.</summary>
    public sqlite3_backup StartBackup(Connection destination) =>
        raw.sqlite3_backup_init(destination._handle, "main", _handle, "main") is { IsInvalid: false } backup
            ? backup
            : throw destination.Failure(raw.sqlite3_extended_errcode(destination._handle));

    /// <summary>
    /// Interrupts the running statement when a token is cancelled, until the result is disposed. The statement then
    /// fails with an error.
    /// </summary>
    /// <exception cref="OperationCanceledException">The token is already cancelled: an interruption has no effect on a
    /// statement that starts later.</exception>
    public CancellationTokenRegistration InterruptOn(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(
            static connection => ((Connection)connection!).Interrupt(), this);
        if (cancellationToken.IsCancellationRequested)
        {
            registration.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }
        return registration;
    }

    private void Interrupt()
    {
        if (!_handle.IsClosed)
            raw.sqlite3_interrupt(_handle);
    }

    /// <summary>Returns the error for content that Millrace never writes.</summary>
    public Storage.StorageException Damaged(string problem) => new(
        $"SQLite store '{Path}' contains {problem}. It is damaged: run 'millrace verify' on it, and restore a backup.",
        Storage.StorageProblem.Damaged);

    /// <summary>Returns the error for a result code.</summary>
    public Storage.StorageException Failure(int code)
    {
        var message = raw.sqlite3_errmsg(_handle).utf8_to_string() ?? "";
        return
            code == RefusedByTrigger && message == MoveTriggers.Refusal && MoveTriggers.FindRefusal(this) is { } refusal
            ? refusal
            : SqliteErrors.Translate(code, message, Path);
    }

    public void Dispose()
    {
        ForgetStatements();
        _handle.Dispose();
    }

    /// <summary>Returns a URI for the file that declares it immutable.</summary>
    private static string ImmutableUri(string path)
    {
        var full = System.IO.Path.GetFullPath(path).Replace('\\', '/');
        var escaped = string.Join('/', full.Split('/').Select(Uri.EscapeDataString));
        return $"file://{(full.StartsWith('/') ? "" : "/")}{escaped}?immutable=1";
    }

    private static void Forget(Dictionary<string, Statement> statements)
    {
        foreach (var statement in statements.Values)
            statement.Dispose();
        statements.Clear();
    }

    /// <summary>Removes the least recently used statement if the cache is full.</summary>
    private static void ForgetOldest(Dictionary<string, Statement> statements)
    {
        if (statements.Count < MaxStatements)
            return;
        string? oldest = null;
        foreach (var (sql, statement) in statements)
        {
            if (!statement.IsBusy && (oldest is null || statement.LastUse < statements[oldest].LastUse))
                oldest = sql;
        }
        if (oldest is not null && statements.Remove(oldest, out var forgotten))
            forgotten.Dispose();
    }

    private Statement Prepare(string sql, strdelegate_authorizer allow)
    {
        _ = raw.sqlite3_set_authorizer(_handle, allow, null);
        try
        {
            return Prepare(sql);
        }
        finally
        {
            _ = raw.sqlite3_set_authorizer(_handle, (strdelegate_authorizer)null!, null); // Null removes it.
        }
    }
}
