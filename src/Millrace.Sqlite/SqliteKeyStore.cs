using Microsoft.Extensions.Logging;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Keys;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>
/// A key store in a separate SQLite file. Several programs on one computer can use the file. Applications configure
/// it with <c>UseSqliteKeys</c>.
/// </summary>
/// <remarks>All operations share one connection, one at a time, on threads of the pool.</remarks>
public sealed class SqliteKeyStore : IKeyStore
{
    /// <summary>The time for which an operation waits for another program.</summary>
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger? _logger;
    private readonly SemaphoreSlim _gate = new(1);
    private Connection? _connection;
    private KeyStoreIdentity? _identity;
    private bool _isDisposed;

    /// <summary>
    /// Creates a key store for a file. <see cref="Open"/> opens the file, and creates it on first use.
    /// </summary>
    /// <param name="path">The path of the file. Its directory must exist.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    public SqliteKeyStore(string path, TimeProvider? time = null)
        : this(path, time, logger: null)
    {
    }

    internal SqliteKeyStore(string path, TimeProvider? time, ILogger? logger)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        (_path, _time, _logger) = (path, time ?? TimeProvider.System, logger);
    }

    /// <inheritdoc/>
    public string Description => $"SQLite keys {_path}";

    /// <inheritdoc/>
    public ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) =>
        Run(OpenFile, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Read(connection => KeyRows.Find(connection, ids), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return Read(connection => KeyRows.FindCurrent(connection, owner), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Write(
            connection => KeyRows.FindCurrent(connection, key.Owner) ?? KeyRows.Insert(connection, key),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(replacedId);
        return Write(
            connection =>
            {
                if (!KeyRows.Retire(connection, key.Owner, replacedId))
                    return false;
                KeyRows.Insert(connection, key);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(formerMasterKeyId);
        return Write(connection => KeyRows.Rewrap(connection, key, formerMasterKeyId), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(owner.Subject, nameof(owner));
        return Read(connection => KeyDestruction.Run(connection, owner, at), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Read(connection => KeyRows.List(connection, query), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _isDisposed = true;
        _connection?.Dispose();
        _connection = null;
        _gate.Release();
    }

    private KeyStoreIdentity OpenFile()
    {
        if (_identity is { } known)
            return known;
        _connection = KeyFile.Open(_path, BusyTimeout, _time, _logger);
        return _identity = KeyRows.ReadIdentity(_connection);
    }

    private ValueTask<T> Read<T>(Func<Connection, T> work, CancellationToken cancellationToken) =>
        Run(() => work(Opened()), cancellationToken);

    private ValueTask<T> Write<T>(Func<Connection, T> work, CancellationToken cancellationToken) =>
        Run(() => KeyFile.InTransaction(Opened(), work), cancellationToken);

    private Connection Opened() =>
        _connection ?? throw new InvalidOperationException("The key store is not open: call Open first.");

    private async ValueTask<T> Run<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isDisposed)
                throw new KeyStoreException($"{Description}: the key store is closed.", StorageProblem.Closed);
            // The work may wait for other programs and for the disk, which must not block the caller's thread.
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException failure) when (failure is not KeyStoreException)
        {
            throw KeyFile.Failure(_path, failure);
        }
        finally
        {
            _gate.Release();
        }
    }
}
