namespace Millrace;

/// <summary>The alerts that a rule would have raised on recorded history.</summary>
public sealed record AlertTrial
{
    /// <summary>Gets the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Gets the start of the history.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the end of the history.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Gets the greatest length of a point of the history; zero without points. The rule is tried on the average of
    /// each point, so that shorter peaks are not visible, and times are accurate to this length.
    /// </summary>
    public required TimeSpan Resolution { get; init; }

    /// <summary>Gets the number of points that were evaluated.</summary>
    public required int Points { get; init; }

    /// <summary>Gets the alerts, in the order in which they would have fired.</summary>
    public required IReadOnlyList<AlertTrialAlert> Alerts { get; init; }
}

/// <summary>An alert that a rule would have raised.</summary>
/// <param name="Subject">The subject; null for none.</param>
/// <param name="Node">The node; null for all nodes.</param>
/// <param name="FiredAt">The time at which it would have fired.</param>
/// <param name="ResolvedAt">The time at which it would have been resolved; null if it would still fire.</param>
/// <param name="Value">The value at which it would have fired; zero for an alert about missing data.</param>
public sealed record AlertTrialAlert(
    string? Subject, string? Node, DateTimeOffset FiredAt, DateTimeOffset? ResolvedAt, double Value)
{
    /// <summary>Gets the state: firing, or no data.</summary>
    public AlertState State { get; init; } = AlertState.Firing;
}
