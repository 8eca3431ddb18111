using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Options for a store in PostgreSQL. They are read when the storage is created; later changes have no effect.
/// </summary>
public sealed class PostgreSqlOptions
{
    private const int MaxNameLength = 40;

    /// <summary>
    /// Gets or sets the connection string of Npgsql, or a <c>postgres://</c> address. Required; empty by default. The
    /// options here replace its settings for pooling and statement timeouts. If it names several servers
    /// (<c>Host=one,two</c>), the primary is used. If the name of the database contains <c>{tenant}</c>, each tenant
    /// has its own database.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// Gets or sets the schema of the log, which belongs to the role that migrates: 1 to 40 lower case letters, digits
    /// and underscores; <c>millrace</c> by default. Each store in a database has its own schemas.
    /// </summary>
    public string LogSchema { get; set; } = "millrace";

    /// <summary>
    /// Gets or sets the schema of the document tables, in which the application's role may create tables. The same
    /// rules apply as for <see cref="LogSchema"/>; <c>millrace_documents</c> by default.
    /// </summary>
    public string DocumentSchema { get; set; } = "millrace_documents";

    /// <summary>
    /// True to create the tables and bring them up to date when the store is opened; true by default. If false, or if
    /// the role lacks the rights, a store that is not up to date is refused with the command to run: <c>millrace
    /// schema</c>.
    /// </summary>
    public bool Migrates { get; set; } = true;

    /// <summary>
    /// Gets or sets the maximum number of connections of this node, to the databases of all its tenants together.
    /// Further operations wait. From 3 to 1,000; 20 by default.
    /// </summary>
    public int MaxConnections { get; set; } = 20;

    /// <summary>
    /// Gets or sets the database to connect to when databases of tenants are created, listed and removed;
    /// <c>postgres</c> by default. It has no effect on a store with a single database.
    /// </summary>
    public string MaintenanceDatabase { get; set; } = "postgres";

    /// <summary>
    /// True to prepare statements on the server; true by default. Set it to false behind a pooler that may run each
    /// transaction on another connection, such as pgbouncer in transaction mode. The node then keeps no state in
    /// sessions, and polls for changes.
    /// </summary>
    public bool Prepares { get; set; } = true;

    /// <summary>
    /// Gets or sets the clock that sets the recorded times; <see cref="PostgreSqlClock.Database"/> by default.
    /// </summary>
    public PostgreSqlClock Clock { get; set; } = PostgreSqlClock.Database;

    /// <summary>
    /// Gets or sets the time for which a commit waits for commits of other nodes. From 100 milliseconds to 5 minutes;
    /// 10 seconds by default. After this time, the commit fails with <see cref="StorageProblem.Busy"/>.
    /// </summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets the time for which a node that froze or lost its connection during a commit may block other nodes.
    /// After this time, the database ends the node's transaction. From 100 milliseconds to 1 minute; 2 seconds by
    /// default.
    /// <para>The same limit applies to your own SQL in a command, a receiver or an inline projection, because
    /// all appends wait for it. It covers the SQL of all requests that are committed together. If they exceed the
    /// limit, each request is committed separately. A request fails (<see cref="StorageProblem.Statement"/>) if its own
    /// SQL exceeds it.</para>
    /// </summary>
    public TimeSpan HoldTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gets or sets the timeout of all other statements. From 1 second to 1 hour; 30 seconds by default. When a commit
    /// takes longer, for example because all synchronous standbys are unavailable, the node tries for up to 30 seconds
    /// more to determine its outcome. If it cannot, the commit is reported as in doubt
    /// (<see cref="StorageProblem.InDoubt"/>).
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the interval at which a node checks for writes of other nodes if no notification arrives. From 10
    /// milliseconds to 1 minute; 1 second by default. If notifications cannot arrive at all, the interval is a
    /// twentieth of this value.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the maximum error of the database's clock. An append fails with <see cref="StorageProblem.Clock"/>
    /// if the clock is behind the log's last event, or ahead of both that event and the node's clock, by more than
    /// this. From <see cref="LockTimeout"/> to 1 day; 5 minutes by default.
    /// </summary>
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets whether an open store builds the indexes that its log lacks.</summary>
    internal bool BuildsIndexes { get; set; } = true;

    internal PostgreSqlOptions Copy() => (PostgreSqlOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (ConnectionStringProblem() is { } problem)
            yield return problem;
        foreach (var name in SchemaProblems())
            yield return name;
        if (MaxConnections is < 3 or > 1_000)
            yield return $"MaxConnections: must be from 3 to 1,000, but is {MaxConnections:N0}.";
        if (!Enum.IsDefined(Clock))
            yield return $"Clock: must be Database or Node, but is {Clock}.";
        if (LockTimeout < TimeSpan.FromMilliseconds(100) || LockTimeout > TimeSpan.FromMinutes(5))
            yield return $"LockTimeout: must be from 100 milliseconds to 5 minutes, but is {LockTimeout}.";
        if (HoldTimeout < TimeSpan.FromMilliseconds(100) || HoldTimeout > TimeSpan.FromMinutes(1))
            yield return $"HoldTimeout: must be from 100 milliseconds to 1 minute, but is {HoldTimeout}.";
        if (CommandTimeout < TimeSpan.FromSeconds(1) || CommandTimeout > TimeSpan.FromHours(1))
            yield return $"CommandTimeout: must be from 1 second to 1 hour, but is {CommandTimeout}.";
        if (ClockTolerance < LockTimeout || ClockTolerance > TimeSpan.FromDays(1))
            yield return $"ClockTolerance: must be from LockTimeout, which is {LockTimeout}, to 1 day, but is "
                + $"{ClockTolerance}.";
        if (PollInterval < TimeSpan.FromMilliseconds(10) || PollInterval > TimeSpan.FromMinutes(1))
            yield return $"PollInterval: must be from 10 milliseconds to 1 minute, but is {PollInterval}.";
    }

    /// <summary>Returns the problems with the schema names.</summary>
    internal IEnumerable<string> SchemaProblems()
    {
        if (!IsName(LogSchema))
            yield return $"LogSchema: must be 1 to {MaxNameLength} lower case letters, digits and underscores, but is "
                + $"'{LogSchema}'.";
        if (!IsName(DocumentSchema) || DocumentSchema == LogSchema)
        {
            yield return $"DocumentSchema: must be 1 to {MaxNameLength} lower case letters, digits and underscores and "
                + $"different from LogSchema, but is '{DocumentSchema}'.";
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && !char.IsAsciiDigit(name[0])
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private string? ConnectionStringProblem()
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(PostgreSqlAddress.ToConnectionString(ConnectionString));
            if (settings.Host is not { Length: > 0 })
                return "ConnectionString: must name a host.";
            return
                settings.TargetSessionAttributes is { } target
                && !DataSources.PrimaryNames.Contains(target.ToLowerInvariant())
                ? $"ConnectionString: Target Session Attributes must be primary or omitted, but is {target}: a store "
                    + "reads from the server that it writes to."
                : null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            // The value is not included, because it may contain a password.
            return "ConnectionString: must be a connection string of Npgsql or an address such as "
                + "postgres://user@host/database.";
        }
    }
}

/// <summary>The clock that sets the recorded times.</summary>
public enum PostgreSqlClock
{
    /// <summary>The database's clock, read under the log's lock: one clock for all nodes.</summary>
    Database,

    /// <summary>The clock of the committing node; for tests that set the time.</summary>
    Node,
}
