using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Moves;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Connections;

/// <summary>
/// The single writing connection of this node. All write transactions of the storage run here, one at a time.
/// </summary>
/// <remarks>
/// <see cref="WalCheckpointer"/> copies the write-ahead log into the file. After a commit with an unknown outcome,
/// nothing is written or reported until the outcome is resolved.
/// </remarks>
internal sealed class Writer(SqliteOptions options, TimeProvider time) : IDisposable
{
    private const string Settlement = "UPDATE header SET settlements = settlements + 1";

    private readonly string _fullPath = Path.GetFullPath(options.Path);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly WalCheckpointer _checkpointer = new(options);
    private Connection? _connection;
    private volatile bool _isUnresolved;
    private bool _isDisposed;

    /// <summary>
    /// Called under the lock when a transaction was rolled back. Caches of its changes must be cleared.
    /// </summary>
    public Action? RolledBack { get; set; }

    /// <summary>Called under the lock when a transaction was committed.</summary>
    public Action? Committed { get; set; }

    /// <summary>Gets whether the outcome of the last commit is unknown.</summary>
    public bool IsUnresolved => _isUnresolved;

    /// <summary>The error of the last copy of the write-ahead log, or null.</summary>
    public StorageException? CheckpointFailure => _checkpointer.Failure;

    public void Open()
    {
        _gate.Wait(CancellationToken.None);
        try
        {
            if (_connection is not null || _isDisposed)
                return;
            _connection = OpenFile();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Runs a transaction on the calling thread.</summary>
    /// <param name="work">Reads and writes. An exception rolls everything back.</param>
    /// <param name="state">The state for <paramref name="work"/>.</param>
    /// <param name="isCommitted">After a commit that failed halfway, returns whether it is in the store, or null if
    /// that cannot be determined. Gets the result of the work. Null when repeating the work does no harm.</param>
    /// <param name="cancellationToken">Cancels the operation before the transaction starts.</param>
    public TResult Write<TState, TResult>(
        Func<Connection, TState, TResult> work,
        TState state,
        Func<Connection, TState, TResult, bool?>? isCommitted,
        CancellationToken cancellationToken)
    {
        _gate.Wait(cancellationToken);
        try
        {
            var connection = GetConnection();
            connection.Get("BEGIN IMMEDIATE").Run();
            var result = RunInTransaction(connection, work, state);
            Commit(connection, state, result, isCommitted);
            _checkpointer.Committed(connection);
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Rolls back the changes of <see cref="Write"/>, and starts another transaction. Other programs may write in
    /// between.
    /// </summary>
    public void RestartTransaction(Connection connection)
    {
        connection.Rollback();
        RolledBack?.Invoke();
        connection.Get("BEGIN IMMEDIATE").Run();
    }

    /// <summary>Runs a transaction on a dedicated thread, because it may have to wait for another program.</summary>
    public Task<TResult> WriteOutsideQueue<TState, TResult>(
        Func<Connection, TState, TResult> work, TState state, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Write(work, state, isCommitted: null, cancellationToken),
            cancellationToken,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);

    public void Dispose()
    {
        _gate.Wait(CancellationToken.None);
        try
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            if (_connection is not null)
            {
                _connection.Dispose();
                _connection = null;
                // The remains of a commit with unknown outcome must not reach the file.
                if (!_isUnresolved)
                    _checkpointer.CopyAtClose();
            }
            _checkpointer.Dispose();
        }
        finally
        {
            _gate.Release();
        }
    }

    private Connection OpenFile()
    {
        var connection = StoreFile.Open(options, time);
        if (MoveTriggers.FindRefusal(connection) is { } refusal)
        {
            connection.Dispose();
            throw refusal;
        }
        connection.TakePagesWritten(); // Pages written by opening the file do not count.
        return connection;
    }

    private TResult RunInTransaction<TState, TResult>(
        Connection connection, Func<Connection, TState, TResult> work, TState state)
    {
        try
        {
            var result = work(connection, state);
            ThrowIfDeleted();
            return result;
        }
        catch
        {
            connection.Rollback();
            RolledBack?.Invoke();
            throw;
        }
    }

    /// <summary>
    /// Refuses a commit into a file that was deleted or moved: it would succeed, and be lost when the process ends.
    /// </summary>
    private void ThrowIfDeleted()
    {
        if (File.Exists(_fullPath))
            return;
        throw new StorageException(
            $"The file of SQLite store '{options.Path}' was deleted or moved while it is open, and nothing was "
                + "written. Stop the application, restore the file, for example from a backup, and start the "
                + "application again.",
            StorageProblem.Unavailable);
    }

    private void Commit<TState, TResult>(
        Connection connection,
        TState state,
        TResult result,
        Func<Connection, TState, TResult, bool?>? isCommitted)
    {
        try
        {
            connection.Get("COMMIT").Run();
        }
        catch (StorageException failure)
        {
            connection.Rollback();
            RolledBack?.Invoke();
            if (failure.Problem is StorageProblem.Busy or StorageProblem.Full)
                throw;
            _isUnresolved = true;
            if (!TryResolve(failure, state, result, isCommitted))
                throw;
        }
        Committed?.Invoke();
    }

    private bool TryResolve<TState, TResult>(
        StorageException failure,
        TState state,
        TResult result,
        Func<Connection, TState, TResult, bool?>? isCommitted) =>
        Resolve(failure, reopened => isCommitted is null ? false : isCommitted(reopened, state, result));

    /// <summary>Returns the connection after resolving a commit with unknown outcome.</summary>
    private Connection GetConnection()
    {
        if (_isDisposed)
            throw new StorageException("The store is closed.", StorageProblem.Closed);
        if (options.IsReadOnly)
        {
            throw FindMove()
                ?? new StorageException(
                    $"SQLite store '{options.Path}' is open for reading only, and nothing was written. To write, grant "
                        + "write access to the file and its directory, and open it without SqliteOptions.IsReadOnly.",
                    StorageProblem.ReadOnly);
        }
        if (_connection is null && !_isUnresolved)
            throw new InvalidOperationException("The storage is not open: call Open first.");
        // The outcome is unknown here. The commit must be in the file before any result is reported.
        if (_isUnresolved)
            Resolve(failure: null, _ => true);
        return _connection!; // Open, or opened again by Resolve.
    }

    /// <summary>Returns the error that the store was moved, or null. It helps more than the read-only error.</summary>
    private StorageException? FindMove()
    {
        try
        {
            using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
            return MoveTriggers.FindRefusal(connection);
        }
        catch (StorageException)
        {
            return null; // The file cannot be read, and thus was not moved.
        }
    }

    /// <summary>
    /// Determines the outcome of a commit on a new connection, and writes over its possible remains, so that no
    /// recovery can bring it back later. A found commit is acknowledged only after it was copied into the file, because
    /// the sync of the log has failed before.
    /// </summary>
    private bool Resolve(StorageException? failure, Func<Connection, bool?> isCommitted)
    {
        try
        {
            _connection?.Dispose();
            _connection = null;
            _connection = OpenFile();
            _connection.Get("BEGIN IMMEDIATE").Run();
            var isFound = isCommitted(_connection);
            _connection.Get(Settlement).Run();
            _connection.Get("COMMIT").Run();
            if (isFound != false && !_checkpointer.CopyAll(_connection))
                throw CheckpointFailure
                    ?? new StorageException("The log could not be copied.", StorageProblem.InputOutput);
            _isUnresolved = false;
            return isFound
                ?? throw new StorageException("The store contains no trace of the commit.", StorageProblem.Other);
        }
        catch (StorageException second)
        {
            throw new StorageException(
                $"SQLite store '{options.Path}': a commit failed, and it cannot be determined whether it happened. "
                    + $"{second.Message}",
                StorageProblem.InDoubt,
                failure ?? second);
        }
    }
}
