using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>The one connection of this node that writes. Every transaction of the storage goes through here, one after
/// the other.</summary>
/// <remarks>
/// The write-ahead log is copied into the file by <see cref="WalCheckpointer"/>. After a commit whose outcome is open,
/// nothing is written or told until it has been settled.
/// </remarks>
internal sealed class Writer(SqliteOptions options, TimeProvider time) : IDisposable
{
    private const string Settlement = "UPDATE header SET settlements = settlements + 1";

    private readonly SemaphoreSlim _gate = new(1);
    private readonly WalCheckpointer _checkpointer = new(options);
    private Connection? _connection;
    private volatile bool _isUnsettled;
    private bool _isDisposed;

    /// <summary>Called under the lock when a transaction was not committed: what was remembered of it is to be
    /// forgotten.</summary>
    public Action? RolledBack { get; set; }

    /// <summary>Called under the lock when a transaction was committed.</summary>
    public Action? Committed { get; set; }

    /// <summary>True when it is not known whether the last commit happened.</summary>
    public bool IsUnsettled => _isUnsettled;

    /// <summary>Why the write-ahead log could not be copied the last time, or null.</summary>
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
    /// <param name="work">Reads and writes; what it throws rolls everything back.</param>
    /// <param name="state">What the work needs.</param>
    /// <param name="stands">Tells, after a commit that failed halfway, whether it is there, or null when it cannot be
    /// told. Null where repeating does no harm.</param>
    /// <param name="cancellationToken">Gives up before the transaction begins.</param>
    public TResult Write<TState, TResult>(
        Func<Connection, TState, TResult> work,
        TState state,
        Func<Connection, TState, bool?>? stands,
        CancellationToken cancellationToken)
    {
        _gate.Wait(cancellationToken);
        try
        {
            var connection = Ready();
            connection.Get("BEGIN IMMEDIATE").Run();
            var result = RunInTransaction(connection, work, state);
            Commit(connection, state, stands);
            _checkpointer.Committed(connection);
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes back what the work of <see cref="Write"/> has written, and begins anew; others may have written
    /// between.</summary>
    public void Reopen(Connection connection)
    {
        connection.Rollback();
        RolledBack?.Invoke();
        connection.Get("BEGIN IMMEDIATE").Run();
    }

    /// <summary>
    /// Runs a transaction on a thread of its own: it may have to wait for another program, and no pool thread is held
    /// up by it.
    /// </summary>
    public Task<TResult> WriteOutsideQueue<TState, TResult>(
        Func<Connection, TState, TResult> work, TState state, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(
            () => Write(work, state, stands: null, cancellationToken),
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
                // What may be left of an open commit must not reach the file.
                if (!_isUnsettled)
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
        connection.TakePagesWritten(); // Those of opening are no commits.
        return connection;
    }

    private TResult RunInTransaction<TState, TResult>(
        Connection connection, Func<Connection, TState, TResult> work, TState state)
    {
        try
        {
            return work(connection, state);
        }
        catch
        {
            connection.Rollback();
            RolledBack?.Invoke();
            throw;
        }
    }

    private void Commit<TState>(Connection connection, TState state, Func<Connection, TState, bool?>? stands)
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
            _isUnsettled = true;
            if (!TrySettle(failure, state, stands))
                throw;
        }
        Committed?.Invoke();
    }

    private bool TrySettle<TState>(StorageException failure, TState state, Func<Connection, TState, bool?>? stands) =>
        Settle(failure, open => stands is null ? false : stands(open, state));

    /// <summary>The connection, after settling what is open.</summary>
    private Connection Ready()
    {
        if (_isDisposed)
            throw new StorageException("The store is closed.", StorageProblem.Closed);
        if (options.IsReadOnly)
        {
            throw FindMove()
                ?? new StorageException(
                    $"SQLite store '{options.Path}' is open for reading only, and nothing was written. To write, have "
                        + $"the right to write "
                        + "the file and its directory, and open it without SqliteOptions.IsReadOnly.",
                    StorageProblem.ReadOnly);
        }
        if (_connection is null && !_isUnsettled)
            throw new InvalidOperationException("The storage is not open: call Open first.");
        // Whether the open commit stands is not known here, so it must be in the file before anybody is told of it.
        if (_isUnsettled)
            Settle(failure: null, _ => true);
        return _connection!; // Settled or open.
    }

    /// <summary>That the store was moved, which says more than that it is open for reading only.</summary>
    private StorageException? FindMove()
    {
        try
        {
            using var connection = Connection.Open(options.Path, ConnectionKind.Read, options.BusyTimeout);
            return MoveTriggers.FindRefusal(connection);
        }
        catch (StorageException)
        {
            return null; // It cannot be read like that, and so was not moved.
        }
    }

    /// <summary>
    /// Finds out on a new connection what became of a commit, and writes something over what may be left of it, so that
    /// no recovery can bring it back later. What stands is only acknowledged once it was copied into the file: the
    /// log's own sync has failed before.
    /// </summary>
    private bool Settle(StorageException? failure, Func<Connection, bool?> stands)
    {
        try
        {
            _connection?.Dispose();
            _connection = null;
            _connection = OpenFile();
            _connection.Get("BEGIN IMMEDIATE").Run();
            var isThere = stands(_connection);
            _connection.Get(Settlement).Run();
            _connection.Get("COMMIT").Run();
            if (isThere != false && !_checkpointer.CopyAll(_connection))
                throw CheckpointFailure
                    ?? new StorageException("The log could not be copied.", StorageProblem.InputOutput);
            _isUnsettled = false;
            return isThere
                ?? throw new StorageException("The commit left no trace that could be told.", StorageProblem.Other);
        }
        catch (StorageException second)
        {
            throw new StorageException(
                $"SQLite store '{options.Path}': a commit failed and it cannot be found out whether it happened. "
                    + $"{second.Message}",
                StorageProblem.InDoubt,
                failure ?? second);
        }
    }
}
