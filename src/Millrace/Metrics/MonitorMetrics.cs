namespace Millrace;

/// <summary>The metrics of the monitor.</summary>
public static class MonitorMetrics
{
    /// <summary>The number of appended events per second.</summary>
    public const string EventRate = "event-rate";

    /// <summary>The 99th percentile of the duration of a commit, in milliseconds.</summary>
    public const string AppendLatency = "append-latency";

    /// <summary>The number of commands per second; of all commands, and of each.</summary>
    public const string CommandRate = "command-rate";

    /// <summary>
    /// The 99th percentile of the duration of commands, in milliseconds; of all commands, and of each.
    /// </summary>
    public const string CommandLatency = "command-latency";

    /// <summary>The number of queries per second; of all queries, and of each.</summary>
    public const string QueryRate = "query-rate";

    /// <summary>
    /// The 99th percentile of the duration of queries, in milliseconds; of all queries, and of each.
    /// </summary>
    public const string QueryLatency = "query-latency";

    /// <summary>
    /// The share of commands, queries and handlers of events that failed by a technical error, from 0 to 1. Refusals by
    /// business rules are not errors.
    /// </summary>
    public const string ErrorRate = "error-rate";

    /// <summary>The memory of the process as a share of its limit, from 0 to 1.</summary>
    public const string Memory = "memory";

    /// <summary>The processor time of the process as a share of all processors, from 0 to 1.</summary>
    public const string Cpu = "cpu";

    /// <summary>The number of requests that wait to be committed.</summary>
    public const string QueueDepth = "queue-depth";

    /// <summary>The number of events that a consumer has not handled; of each consumer.</summary>
    public const string ConsumerLag = "consumer-lag";

    /// <summary>The age of the first event that a consumer has not handled, in seconds; of each consumer.</summary>
    public const string ConsumerLagTime = "consumer-lag-time";

    /// <summary>The number of open dead letters; of each consumer.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>The number of messages that wait at the broker for a retry; of each receiver.</summary>
    public const string BrokerDepth = "broker-depth";

    /// <summary>
    /// The free share of the disk of the store, from 0 to 1. It is absent if the database is on another machine, such
    /// as with PostgreSQL, or in memory.
    /// </summary>
    public const string DiskFree = "disk-free";

    /// <summary>Gets all metrics.</summary>
    public static IReadOnlyList<MetricInfo> All { get; } =
    [
        new(EventRate, "events/s", "appended events"),
        new(AppendLatency, "ms", "99th percentile of the duration of commits"),
        new(CommandRate, "commands/s", "commands", "command"),
        new(CommandLatency, "ms", "99th percentile of the duration of commands", "command"),
        new(QueryRate, "queries/s", "queries", "query"),
        new(QueryLatency, "ms", "99th percentile of the duration of queries", "query"),
        new(ErrorRate, "share", "technical failures of commands, queries and handlers"),
        new(Memory, "share", "memory of the process, of its limit"),
        new(Cpu, "share", "processor time of the process, of all processors"),
        new(QueueDepth, "requests", "requests that wait to be committed"),
        new(ConsumerLag, "events", "events that a consumer has not handled", "consumer"),
        new(ConsumerLagTime, "s", "age of the first event that a consumer has not handled", "consumer"),
        new(DeadLetters, "events", "open dead letters", "consumer"),
        new(BrokerDepth, "messages", "messages that wait at the broker for a retry", "receiver"),
        new(DiskFree, "share", "free space on the disk of the store"),
    ];

    /// <summary>Returns a metric by its name; null if there is no such metric.</summary>
    public static MetricInfo? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);
}
