using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Tenants with one database each on one server. A database is created together with its tenant. All databases share
/// one limit for connections.
/// </summary>
/// <remarks>
/// Safe to use from several threads and by several nodes. The role must have the right to create databases, unless an
/// administrator creates them.
/// </remarks>
public sealed class PostgreSqlTenants : ITenantStorage
{
    private const string Placeholder = "{tenant}";
    private const int MaxNameLength = 63;

    private const string Find = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1";
    private const string ListAll =
        "SELECT datname::text FROM pg_catalog.pg_database WHERE starts_with(datname::text, $1) AND NOT datistemplate "
            + "ORDER BY datname";

    private readonly PostgreSqlOptions _options;
    private readonly NpgsqlConnectionStringBuilder _settings;
    private readonly TimeProvider _time;
    private readonly ConnectionBudget _budget;
    private readonly Database _maintenance;
    private readonly (string Before, string After) _name;

    /// <summary>Creates the tenant storage for a server.</summary>
    /// <param name="options">The options of each store; the name of the database contains <c>{tenant}</c>.</param>
    /// <param name="time">The clock of this node; null for the system clock.</param>
    /// <exception cref="ArgumentException">One or more options are out of range. The message lists all of
    /// them.</exception>
    public PostgreSqlTenants(PostgreSqlOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Copy();
        _time = time ?? TimeProvider.System;
        if (Problems(_options) is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _settings = new NpgsqlConnectionStringBuilder(PostgreSqlAddress.ToConnectionString(_options.ConnectionString));
        _name = Split(_settings.Database!); // Validated above.
        _budget = new ConnectionBudget(_options.MaxConnections, _options.CommandTimeout, _time);
        _maintenance = new Database(OptionsOf(_options.MaintenanceDatabase), _time, _budget);
    }

    /// <inheritdoc/>
    public string Description => PostgreSqlAddress.Describe(_settings.ConnectionString);

    /// <inheritdoc/>
    public bool HasOwnTables => true;

    /// <summary>Gets the number of open connections to all databases together.</summary>
    public int Connections => _budget.OpenCount;

    /// <inheritdoc/>
    /// <remarks>Only checks that the server responds. Tenants are looked up when they are needed.</remarks>
    public async ValueTask Open(CancellationToken cancellationToken)
    {
        _maintenance.MarkOpen();
        await List(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IStorage Of(TenantId tenant) => new PostgreSqlStorage(OptionsOf(NameOf(tenant)), _time, _budget);

    /// <inheritdoc/>
    public IStorage OfReadOnly(TenantId tenant)
    {
        var options = OptionsOf(NameOf(tenant));
        (options.Migrates, options.BuildsIndexes) = (false, false);
        return new PostgreSqlStorage(options, _time, _budget);
    }

    /// <inheritdoc/>
    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) => _maintenance.Read(
        static async (connection, name, cancel) =>
        {
            var command = connection.Command(Find).With(name);
            await using var _ = command.ConfigureAwait(false);
            return await command.Scalar(0, cancel).ConfigureAwait(false) == 1;
        },
        NameOf(tenant),
        cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await Exists(tenant, cancellationToken).ConfigureAwait(false))
            return false;
        try
        {
            await Execute($"CREATE DATABASE {Quoted(tenant)}", cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StorageException failure) when (failure.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation,
        })
        {
            return false; // Another node has created it.
        }
        catch (StorageException failure) when (failure.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.InsufficientPrivilege,
        })
        {
            throw new StorageException(
                $"This role may not create the database of the tenant '{tenant}'. Grant it (ALTER ROLE … CREATEDB), or "
                    + $"create it as another role: createdb --owner ROLE {NameOf(tenant)}",
                StorageProblem.ReadOnly,
                failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!await Exists(tenant, cancellationToken).ConfigureAwait(false))
            return false;
        await Execute($"DROP DATABASE IF EXISTS {Quoted(tenant)} WITH (FORCE)", cancellationToken)
            .ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken)
    {
        var names = await _maintenance.Read(
            static async (connection, before, cancel) =>
            {
                var command = connection.Command(ListAll).With(before);
                await using var _ = command.ConfigureAwait(false);
                var reader = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
                await using var __ = reader.ConfigureAwait(false);
                var found = new List<string>();
                while (await reader.ReadAsync(cancel).ConfigureAwait(false))
                    found.Add(reader.GetString(0));
                return found;
            },
            _name.Before,
            cancellationToken).ConfigureAwait(false);
        var tenants = new List<TenantId>(names.Count);
        foreach (var name in names)
        {
            if (name.Length > _name.Before.Length + _name.After.Length
                && name.EndsWith(_name.After, StringComparison.Ordinal)
                && TenantId.TryParse(name[_name.Before.Length..^_name.After.Length], out var tenant))
                tenants.Add(tenant);
        }
        tenants.Sort(static (one, other) => string.CompareOrdinal(one.Value, other.Value));
        return tenants;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _maintenance.DisposeAsync();

    /// <summary>Returns true if each tenant has its own database.</summary>
    internal static bool IsTemplate(string connectionString) =>
        connectionString.Contains(Placeholder, StringComparison.Ordinal)
        || connectionString.Contains(Uri.EscapeDataString(Placeholder), StringComparison.OrdinalIgnoreCase);

    private static string[] Problems(PostgreSqlOptions options)
    {
        var problems = options.Problems().ToArray();
        if (problems.Length > 0)
            return problems;
        var name =
            new NpgsqlConnectionStringBuilder(PostgreSqlAddress.ToConnectionString(options.ConnectionString)).Database
            ?? "";
        var (before, after) = Split(name);
        if (before.Length + Placeholder.Length + after.Length != name.Length
            || after.Contains(Placeholder, StringComparison.Ordinal))
            return ["ConnectionString: {tenant} must occur in the name of the database exactly once."];
        return before.Length + after.Length + TenantId.MaxLength > MaxNameLength
            ?
            [
                $"ConnectionString: the name of the database may have {MaxNameLength - TenantId.MaxLength} characters "
                    + $"in addition to {{tenant}}.",
            ]
            : [];
    }

    private static (string Before, string After) Split(string name)
    {
        var at = name.IndexOf(Placeholder, StringComparison.Ordinal);
        return at < 0 ? ("", "") : (name[..at], name[(at + Placeholder.Length)..]);
    }

    private string NameOf(TenantId tenant) => _name.Before + tenant.Value + _name.After;

    private string Quoted(TenantId tenant) =>
        '"' + NameOf(tenant).Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private PostgreSqlOptions OptionsOf(string database)
    {
        var options = _options.Copy();
        options.ConnectionString = new NpgsqlConnectionStringBuilder(_settings.ConnectionString)
        {
            Database = database,
        }.ConnectionString;
        return options;
    }

    private async ValueTask Execute(string statement, CancellationToken cancellationToken) => await _maintenance.Read(
        static async (connection, text, cancel) =>
        {
            var command = connection.Command(text);
            await using var _ = command.ConfigureAwait(false);
            command.CommandTimeout = 0; // The server copies a database; a timeout would only restart that.
            return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        },
        statement,
        cancellationToken).ConfigureAwait(false);
}
