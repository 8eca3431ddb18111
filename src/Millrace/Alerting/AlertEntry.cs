namespace Millrace;

/// <summary>An entry in the history of alerts.</summary>
public sealed record AlertEntry
{
    /// <summary>Gets the time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the kind: <c>fired</c>, <c>resolved</c>, <c>acknowledged</c> or <c>notified</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets the ids of the alerts.</summary>
    public required IReadOnlyList<string> Alerts { get; init; }

    /// <summary>Gets the subject; null for none.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the node; null for all nodes.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the value; null if the entry is not about a value.</summary>
    public double? Value { get; init; }

    /// <summary>Gets the severity; null if the entry is about several alerts.</summary>
    public AlertSeverity? Severity { get; init; }

    /// <summary>Gets why an alert was resolved other than by its value; null otherwise.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the channel that accepted a notice; null otherwise.</summary>
    public string? Channel { get; init; }

    /// <summary>Gets the id of the notice; null otherwise.</summary>
    public string? Notice { get; init; }

    /// <summary>Gets the user who acknowledged the alert; null otherwise.</summary>
    public string? By { get; init; }
}
