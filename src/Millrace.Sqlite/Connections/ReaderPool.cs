using System.Collections.Concurrent;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Connections;

/// <summary>
/// A bounded pool of connections for reading. A read runs on its caller's thread; waiting for a connection does not
/// block the thread.
/// </summary>
internal sealed class ReaderPool(SqliteOptions options) : IDisposable
{
    private const int CacheShare = 8;

    private readonly SemaphoreSlim _slots = new(options.MaxReaders);
    private readonly ConcurrentStack<Connection> _idle = new();
    private ConnectionKind _kind = ConnectionKind.Read;
    private volatile bool _isDisposed;

    /// <summary>Opens a read-only file before the first read.</summary>
    /// <exception cref="StorageException">The file cannot be read. The message contains the reason and a
    /// remedy.</exception>
    public void OpenToRead() => _kind = ReadOnlyFile.Probe(options);

    /// <summary>Runs a read that may be repeated. It sees one snapshot of the store.</summary>
    public async ValueTask<TResult> Read<TState, TResult>(
        Func<Connection, TState, TResult> read, TState state, CancellationToken cancellationToken)
    {
        if (!_slots.Wait(0, CancellationToken.None))
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        Connection? connection = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_kind == ConnectionKind.Frozen)
                ReadOnlyFile.ThrowIfWritten(options.Path);
            connection = Take();
            connection.Get("BEGIN").Run();
            var result = read(connection, state);
            connection.Get("COMMIT").Run();
            Return(connection);
            connection = null;
            return result;
        }
        finally
        {
            connection?.Dispose(); // A connection that failed is not reused.
            _slots.Release();
        }
    }

    /// <summary>Opens a connection outside the pool for a long read. The caller disposes it.</summary>
    public Connection Open()
    {
        if (_isDisposed)
            throw new StorageException("The store is closed.", StorageProblem.Closed);
        var connection = Connection.Open(options.Path, _kind, options.BusyTimeout);
        connection.KeepLogOnClose();
        connection.Execute($"PRAGMA cache_size = -{options.CacheBytes / 1024 / CacheShare}");
        connection.Execute("PRAGMA mmap_size = 0");
        return connection;
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryPop(out var connection))
            connection.Dispose();
    }

    private Connection Take() => !_isDisposed && _idle.TryPop(out var connection) ? connection : Open();

    private void Return(Connection connection)
    {
        _idle.Push(connection);
        if (_isDisposed)
            Dispose();
    }
}
