namespace Millrace;

/// <summary>An alert rule with its source and its alerts.</summary>
public sealed record AlertRuleInfo
{
    /// <summary>Gets the rule.</summary>
    public required AlertRule Rule { get; init; }

    /// <summary>Gets the source of the rule.</summary>
    public required AlertRuleSource Source { get; init; }

    /// <summary>Gets the version of a stored rule; 0 for other sources.</summary>
    public long Version { get; init; }

    /// <summary>Gets the user who stored the rule; null for other sources.</summary>
    public string? By { get; init; }

    /// <summary>Gets the time at which the rule was stored; null for other sources.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Gets the alerts of the rule that are not normal.</summary>
    public IReadOnlyList<Alert> Alerts { get; init; } = [];
}
