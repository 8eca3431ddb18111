namespace Millrace;

/// <summary>
/// The default alert rules, which <c>UseAlerts</c> adds. An application can change or disable each by its name. The
/// descriptions contain no thresholds, because these can be changed alone.
/// </summary>
public static class AlertCatalogue
{
    /// <summary>Gets the rules, by name.</summary>
    public static IReadOnlyList<AlertRule> Rules { get; } =
    [
        new()
        {
            Name = "broker-depth",
            Description = "Messages wait for a retry at the broker: a receiver fails repeatedly.",
            Metric = MonitorMetrics.BrokerDepth,
            Aggregate = AlertAggregate.Max,
            Threshold = 1_000,
            For = TimeSpan.FromMinutes(5),
        },
        new()
        {
            Name = "command-latency",
            Description = "Commands are slow.",
            Metric = MonitorMetrics.CommandLatency,
            Subject = "",
            Threshold = 1_000,
            ResolveAt = 800,
            For = TimeSpan.FromMinutes(5),
        },
        new()
        {
            Name = "consumer-lag",
            Description = "A consumer is far behind: its first unhandled event is old.",
            Metric = MonitorMetrics.ConsumerLagTime,
            Aggregate = AlertAggregate.Max,
            Threshold = 300,
            ResolveAt = 60,
            For = TimeSpan.FromMinutes(5),
        },
        new()
        {
            Name = "consumer-stalled",
            Description = "A consumer makes no progress: its first unhandled event is very old.",
            Metric = MonitorMetrics.ConsumerLagTime,
            Aggregate = AlertAggregate.Max,
            Threshold = 3_600,
            ResolveAt = 300,
            Severity = AlertSeverity.Critical,
        },
        new()
        {
            Name = "cpu",
            Description = "A node uses a high share of its processors.",
            Metric = MonitorMetrics.Cpu,
            Threshold = 0.9,
            ResolveAt = 0.8,
            For = TimeSpan.FromMinutes(10),
        },
        new()
        {
            Name = "dead-letters",
            Description = "A consumer has open dead letters, which need a decision.",
            Metric = MonitorMetrics.DeadLetters,
            Aggregate = AlertAggregate.Max,
            Threshold = 0,
        },
        new()
        {
            Name = "disk-free",
            Description = "Only a small share of the disk of the store is free.",
            Metric = MonitorMetrics.DiskFree,
            Condition = AlertCondition.Below,
            Threshold = 0.1,
            ResolveAt = 0.12,
            Severity = AlertSeverity.Critical,
        },
        new()
        {
            Name = "error-rate",
            Description = "Many commands, queries and handlers fail by technical errors.",
            Metric = MonitorMetrics.ErrorRate,
            Threshold = 0.05,
            ResolveAt = 0.02,
            For = TimeSpan.FromMinutes(2),
            Severity = AlertSeverity.Critical,
        },
        new()
        {
            Name = "memory",
            Description = "A node uses a high share of its memory.",
            Metric = MonitorMetrics.Memory,
            Threshold = 0.9,
            ResolveAt = 0.8,
            For = TimeSpan.FromMinutes(5),
        },
        new()
        {
            Name = "queue-depth",
            Description = "Requests wait to be committed: the store is slower than its callers.",
            Metric = MonitorMetrics.QueueDepth,
            Threshold = 1_000,
            ResolveAt = 500,
            For = TimeSpan.FromMinutes(2),
        },
    ];
}
