namespace Millrace;

/// <summary>An alert in a notice.</summary>
public sealed record AlertNoticeItem
{
    /// <summary>Gets the reason why the notice contains the alert.</summary>
    public AlertNoticeKind Kind { get; init; }

    /// <summary>Gets the id of the alert, which is the same in each of its notices.</summary>
    public required string Alert { get; init; }

    /// <summary>Gets the name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Gets the description of the rule; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>Gets the state before the alert was resolved, or the current state.</summary>
    public AlertState State { get; init; }

    /// <summary>Gets the severity.</summary>
    public AlertSeverity Severity { get; init; }

    /// <summary>Gets the metric.</summary>
    public required string Metric { get; init; }

    /// <summary>Gets the subject, such as the name of a consumer; null for none.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the node; null for all nodes.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the value at the last change.</summary>
    public double Value { get; init; }

    /// <summary>Gets the threshold.</summary>
    public double Threshold { get; init; }

    /// <summary>Gets the side of the threshold that fires the alert.</summary>
    public AlertCondition Condition { get; init; }

    /// <summary>Gets the time at which the alert fired.</summary>
    public DateTimeOffset FiredAt { get; init; }

    /// <summary>Gets the time of the notice's reason.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Gets why an alert was resolved other than by its value; null otherwise.</summary>
    public string? Reason { get; init; }
}
