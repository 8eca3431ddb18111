namespace Millrace;

/// <summary>
/// The names of the actions of operators, for access control. An action alone allows to read, and with
/// <see cref="DecideSuffix"/> to change something.
/// </summary>
public static class OperatorActions
{
    /// <summary>The end of the name of an action that changes something: <c>timers.decide</c>.</summary>
    public const string DecideSuffix = ".decide";

    /// <summary>The name and the permissions of the caller.</summary>
    public const string Overview = "overview";

    /// <summary>Dead letters.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>Read models and their rebuilds.</summary>
    public const string Projections = "projections";

    /// <summary>Consumers.</summary>
    public const string Consumers = "consumers";

    /// <summary>Transports, publishers and receivers.</summary>
    public const string Transports = "transports";

    /// <summary>Timers.</summary>
    public const string Timers = "timers";

    /// <summary>Schedules.</summary>
    public const string Schedules = "schedules";

    /// <summary>Instances of processes.</summary>
    public const string Processes = "processes";

    /// <summary>Explanations and histories of values, which show events of any stream.</summary>
    public const string Explanations = "explanations";

    /// <summary>Roles, grants and explanations of decisions about access.</summary>
    public const string Access = "access";

    /// <summary>The audit trail.</summary>
    public const string Audit = "audit";

    /// <summary>Erasures of data subjects, legal holds and exports of their data.</summary>
    public const string Erasures = "erasures";

    /// <summary>Reports for auditors, and deadlines of requests.</summary>
    public const string Reports = "reports";

    /// <summary>Retention policies and their runs.</summary>
    public const string Retention = "retention";

    /// <summary>The number of nodes.</summary>
    public const string Capacity = "capacity";

    /// <summary>The levels of logs.</summary>
    public const string Logs = "logs";

    /// <summary>The settings of the application, without secrets.</summary>
    public const string Settings = "settings";

    /// <summary>The history of the performance monitor.</summary>
    public const string Metrics = "metrics";

    /// <summary>Business figures.</summary>
    public const string Kpis = "kpis";

    /// <summary>Alert rules, alerts and silences.</summary>
    public const string Alerts = "alerts";

    /// <summary>Faults and their recoveries, and recovery actions.</summary>
    public const string Recovery = "recovery";

    /// <summary>SQL statements, which show events, read models and dead letters without values of marked
    /// members.</summary>
    public const string Sql = "sql";

    /// <summary>
    /// The values of marked members: in streams, explanations, dead letters, processes, timers and comparisons of read
    /// models. Without it, their readers get the values after erasure. Also to replace the payload of an event with
    /// such values.
    /// </summary>
    public const string PersonalData = "personal-data";

    /// <summary>All names.</summary>
    internal static IEnumerable<string> All { get; } =
    [
        .. new[]
        {
            Overview, DeadLetters, Projections, Consumers, Transports, Timers, Schedules, Processes,
            Explanations, Access, Audit, Erasures, Reports, Retention, Logs, Settings, Metrics, Alerts,
            Capacity, Recovery, Sql, Kpis,
        }.SelectMany(action => new[] { action, action + DecideSuffix }),
        PersonalData,
    ];
}
