using System.ComponentModel;

namespace Millrace.AspNetCore.Alerting;

/// <summary>An alert rule in a request. Members that are absent have their defaults.</summary>
internal sealed record AlertRuleRequest(
    [property: Description("The metric, such as memory.")] string Metric,
    [property: Description("The threshold, in the unit of the metric. A value equal to it does not fire.")]
        double Threshold,
    [property: Description("above (the default) or below.")] AlertCondition? Condition = null,
    [property: Description("info, warning (the default) or critical.")] AlertSeverity? Severity = null,
    [property: Description("The time beyond the threshold before the alert fires; 00:01:00 when absent.")]
        TimeSpan? For = null,
    [property: Description("A sentence for the recipients.")] string? Description = null,
    [property: Description("The subject; each when absent; empty for the node as a whole.")] string? Subject = null,
    [property: Description("node (the default), max, average or sum over the nodes.")]
        AlertAggregate? Aggregate = null,
    [property: Description("The value at which the alert counts as recovered; the threshold when absent.")]
        double? ResolveAt = null,
    [property: Description("The time after the recovery; 00:01:00 when absent.")] TimeSpan? ResolveAfter = null,
    [property: Description("The time without values after which the alert ends; 00:05:00 when absent.")]
        TimeSpan? NoDataAfter = null,
    [property: Description("Whether an alert is raised if no node reports the metric.")] bool? AlertsOnNoData = null,
    [property: Description("The names of the channels; the default channels when absent.")]
        string[]? Channels = null,
    [property: Description("Further channels for an alert that is not acknowledged.")]
        AlertEscalation[]? Escalations = null,
    [property: Description("The interval of repeated notices; none when absent.")] TimeSpan? RepeatEvery = null,
    [property: Description("False to disable the rule.")] bool? IsEnabled = null);
