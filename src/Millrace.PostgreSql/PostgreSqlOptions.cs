using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>How a store on PostgreSQL behaves. Read when it is made; later changes have no effect.</summary>
public sealed class PostgreSqlOptions
{
    private const int MaxNameLength = 40;

    /// <summary>
    /// How to reach the database, as Npgsql or a <c>postgres://</c> address says it. Must be set: empty by default.
    /// What it says of pooling and of statements is replaced by the options here. Of several servers
    /// (<c>Host=one,two</c>) the one is used that is the primary. Where <c>{tenant}</c> stands in the name of the
    /// database, each tenant has one of its own.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>
    /// The schema of the log, which belongs to the role that migrates: 1 to 40 lower case letters, digits and
    /// underscores; <c>millrace</c> by
    /// default. Stores in one database have schemas of their own.
    /// </summary>
    public string LogSchema { get; set; } = "millrace";

    /// <summary>
    /// The schema of the tables of documents, in which the application's role may create tables; as
    /// <see cref="LogSchema"/>, and <c>millrace_documents</c> by default.
    /// </summary>
    public string DocumentSchema { get; set; } = "millrace_documents";

    /// <summary>
    /// Whether opening the store makes its tables and brings them up to date; true by default. When false, or when the
    /// role may not, a store that is not up to date is refused with the command to run: <c>millrace schema</c>.
    /// </summary>
    public bool Migrates { get; set; } = true;

    /// <summary>
    /// The most connections of this node, to the databases of all its tenants together; what needs one more waits. From
    /// 3 to 1,000, 20 by default.
    /// </summary>
    public int MaxConnections { get; set; } = 20;

    /// <summary>
    /// The database to connect to where those of tenants are made, found and removed; <c>postgres</c> by default. Of no
    /// effect where there is one database.
    /// </summary>
    public string MaintenanceDatabase { get; set; } = "postgres";

    /// <summary>
    /// Whether statements are prepared on the server; true by default. False behind a pool of connections that hands
    /// each transaction to another of them, such as pgbouncer in transaction mode: then nothing depends on a session,
    /// and changes are looked for by polling.
    /// </summary>
    public bool Prepares { get; set; } = true;

    /// <summary>Whose clock gives the recorded times; <see cref="PostgreSqlClock.Database"/> by default.</summary>
    public PostgreSqlClock Clock { get; set; } = PostgreSqlClock.Database;

    /// <summary>
    /// How long a commit waits for its turn behind other nodes; from 100 milliseconds to 5 minutes, 10 seconds by
    /// default. Then it is refused with
    /// <see cref="StorageProblem.Busy"/>.
    /// </summary>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a node that has frozen or lost its connection in the middle of a commit may hold up the others, before
    /// the database ends its transaction; from 100 milliseconds to 1 minute, 2 seconds by default. SQL of your own in a
    /// command, a receiver or an inline projection, for which all appends wait, may take as long, that of requests
    /// committed together as well: when it takes longer each is committed by itself, and refused
    /// (<see cref="StorageProblem.Statement"/>) if its own SQL takes longer.
    /// </summary>
    public TimeSpan HoldTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long any other statement may take; from 1 second to 1 hour, 30 seconds by default. A commit that takes
    /// longer, as while all synchronous standbys are away, is looked for during half a minute more, and told as in
    /// doubt when that does not settle it (<see cref="StorageProblem.InDoubt"/>).
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often to look for what other nodes have written where no notification came; from 10 milliseconds to 1
    /// minute, 1 second by default. Where notifications cannot come at all, a twentieth of it.
    /// </summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How far the database's clock may be off before an append is refused with <see cref="StorageProblem.Clock"/>
    /// instead of recording it: behind the log's last event, or ahead of it and of the node's clock; from
    /// <see cref="LockTimeout"/> to 1 day, 5 minutes by default.
    /// </summary>
    public TimeSpan ClockTolerance { get; set; } = TimeSpan.FromMinutes(5);

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

    /// <summary>What is wrong with the names of the schemas.</summary>
    internal IEnumerable<string> SchemaProblems()
    {
        if (!IsName(LogSchema))
            yield return $"LogSchema: must be 1 to {MaxNameLength} lower case letters, digits and underscores, but is "
                + $"'{LogSchema}'.";
        if (!IsName(DocumentSchema) || DocumentSchema == LogSchema)
        {
            yield return $"DocumentSchema: must be 1 to {MaxNameLength} lower case letters, digits and underscores and "
                + $"another than LogSchema, but is '{DocumentSchema}'.";
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && !char.IsAsciiDigit(name[0])
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '_');

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
                ? $"ConnectionString: Target Session Attributes must be primary or left out, but is {target}: a store "
                    + $"is read where it is "
                    + "written."
                : null;
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            // What is wrong is not repeated: it may hold a password.
            return "ConnectionString: must be a connection string of Npgsql or an address such as "
                + "postgres://user@host/database.";
        }
    }
}

/// <summary>Whose clock gives the times that are recorded.</summary>
public enum PostgreSqlClock
{
    /// <summary>The database's, read under the log's lock: one clock for all nodes.</summary>
    Database,

    /// <summary>That of the node that commits; for tests that set the time.</summary>
    Node,
}
