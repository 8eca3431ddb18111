using Microsoft.Extensions.Logging;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Keys;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// A key store in the schema <c>millrace_keys</c> of a PostgreSQL database that contains no events. Several nodes can
/// use it. Applications configure it with <c>UsePostgreSqlKeys</c>.
/// </summary>
/// <remarks>
/// No session has a state, so that a pooler such as pgbouncer can run each transaction on another connection. Each
/// operation takes at most 10 seconds.
/// </remarks>
public sealed class PostgreSqlKeyStore : IKeyStore
{
    private const int MaxConnections = 5; // Keys stay in memory, so that a node rarely reads them.

    private readonly KeyDatabase _database;
    private volatile KeyStoreIdentity? _identity;

    /// <summary>Creates a key store for a database. <see cref="Open"/> creates its tables on first use.</summary>
    /// <param name="connectionString">A connection string of Npgsql or an address:
    /// <c>postgres://user@host/database</c>.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    public PostgreSqlKeyStore(string connectionString, TimeProvider? time = null)
        : this(connectionString, time, logger: null)
    {
    }

    internal PostgreSqlKeyStore(string connectionString, TimeProvider? time, ILogger? logger) =>
        _database = new KeyDatabase(
            DataSources.Settings(Settings(connectionString)),
            PostgreSqlAddress.Describe(connectionString),
            time ?? TimeProvider.System,
            logger);

    /// <inheritdoc/>
    public string Description => _database.Description;

    /// <inheritdoc/>
    public async ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken) =>
        _identity ??= await _database
            .Run(static (connection, time, cancel) => KeySchema.Open(connection, time, cancel), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyRecord>> Find(
        IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ids);
        CheckOpen();
        string[] different = [.. ids.Distinct(StringComparer.Ordinal)];
        return _database.Run((connection, _, cancel) => KeyRows.Find(connection, different, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        CheckOpen();
        var row = OwnerRow.Of(owner);
        return _database.Run(
            (connection, _, cancel) => KeyRows.FindCurrent(connection, row, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var row = OwnerRow.Of(key.Owner);
        return Change(
            row,
            async (connection, cancel) => await KeyRows.FindCurrent(connection, row, cancel).ConfigureAwait(false)
                ?? await KeyRows.Insert(connection, row, key, cancel).ConfigureAwait(false),
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(replacedId);
        var row = OwnerRow.Of(key.Owner);
        return Change(
            row,
            async (connection, cancel) =>
            {
                if (!await KeyRows.Retire(connection, row, replacedId, cancel).ConfigureAwait(false))
                    return false;
                await KeyRows.Insert(connection, row, key, cancel).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(formerMasterKeyId);
        CheckOpen();
        return _database.Change(
            (connection, cancel) => KeyRows.Rewrap(connection, key, formerMasterKeyId, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> Destroy(
        KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentException.ThrowIfNullOrEmpty(owner.Subject, nameof(owner));
        var row = OwnerRow.Of(owner);
        var ids = await Change(
                row, (connection, cancel) => KeyRows.Destroy(connection, row, at, cancel), cancellationToken)
            .ConfigureAwait(false);
        if (ids.Count > 0)
            await _database.Vacuum(cancellationToken).ConfigureAwait(false);
        return ids;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        CheckOpen();
        return _database.Run((connection, _, cancel) => KeyRows.List(connection, query, cancel), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Checks a connection string, and returns its settings.</summary>
    /// <exception cref="ArgumentException">The connection string is not valid.</exception>
    internal static PostgreSqlOptions Settings(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        if (PostgreSqlTenants.IsTemplate(connectionString))
            throw new ArgumentException(
                "All tenants share one key store: give the name of one database.", nameof(connectionString));
        var options = new PostgreSqlOptions
        {
            ConnectionString = connectionString,
            MaxConnections = MaxConnections,
            Prepares = false,
            CommandTimeout = KeyDatabase.CommandTimeout,
        };
        return options.Problems().ToArray() is { Length: > 0 } problems
            ? throw new ArgumentException(string.Join(" ", problems), nameof(connectionString))
            : options;
    }

    /// <summary>
    /// Changes the keys of a subject in a transaction. Changes of one subject wait for each other, so that no key is
    /// added while the keys of its subject are destroyed.
    /// </summary>
    private ValueTask<T> Change<T>(
        OwnerRow owner, Func<NpgsqlConnection, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken)
    {
        CheckOpen();
        return _database.Change(
            async (connection, cancel) =>
            {
                await KeyRows.Lock(connection, owner, cancel).ConfigureAwait(false);
                return await work(connection, cancel).ConfigureAwait(false);
            },
            cancellationToken);
    }

    private void CheckOpen()
    {
        if (_identity is null && !_database.IsDisposed)
            throw new InvalidOperationException("The key store is not open: call Open first.");
    }
}
