using Millrace.Alerting;

namespace Millrace;

/// <summary>An alert that is not normal.</summary>
public sealed record Alert
{
    /// <summary>Gets the id, such as <c>memory-3</c>; null while the alert is pending.</summary>
    public string? Id { get; init; }

    /// <summary>Gets the name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Gets the state.</summary>
    public AlertState State { get; init; }

    /// <summary>Gets the severity; null while the alert is pending.</summary>
    public AlertSeverity? Severity { get; init; }

    /// <summary>Gets the subject, such as the name of a consumer; null for none.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the node; null for all nodes.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the value at the last change of the state.</summary>
    public double Value { get; init; }

    /// <summary>Gets the time since which the value is beyond the threshold, or since which there is no data.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Gets the time at which the alert fired; null while it is pending.</summary>
    public DateTimeOffset? FiredAt { get; init; }

    /// <summary>Gets the time of the first notice; null if a silence suppresses it.</summary>
    public DateTimeOffset? NotifiedAt { get; init; }

    /// <summary>Gets the user who acknowledged the alert; null for none.</summary>
    public string? AcknowledgedBy { get; init; }

    /// <summary>Gets the time of the acknowledgement; null for none.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    internal static Alert Of(string rule, AlertSeries series) => new()
    {
        Id = series.Id,
        Rule = rule,
        State = series.State,
        Severity = series.IsRaised ? series.Severity : null,
        Subject = series.Subject,
        Node = series.Node,
        Value = series.Value,
        Since = series.Since,
        FiredAt = series.FiredAt,
        NotifiedAt = series.NotifiedAt,
        AcknowledgedBy = series.AcknowledgedBy,
        AcknowledgedAt = series.AcknowledgedAt,
    };
}
