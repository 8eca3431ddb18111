namespace Millrace;

/// <summary>
/// Suppresses the notices of matching alerts for a time. The states of alerts do not change. An alert that still fires
/// after the silence is sent then.
/// </summary>
public sealed record AlertSilence
{
    /// <summary>Gets the maximum duration of a silence: 366 days.</summary>
    public static TimeSpan MaxDuration { get; } = TimeSpan.FromDays(366);

    /// <summary>Gets the id; a new id if it is empty.</summary>
    public string Id { get; init; } = "";

    /// <summary>Gets the name of the rule; null for each rule.</summary>
    public string? Rule { get; init; }

    /// <summary>Gets the subject; null for each subject.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the node; null for each node.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the start; when the silence is added, the default value is the current time.</summary>
    public DateTimeOffset From { get; init; }

    /// <summary>Gets the end.</summary>
    public DateTimeOffset To { get; init; }

    /// <summary>Gets the reason.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets the user who added the silence.</summary>
    public required string By { get; init; }

    /// <summary>Returns whether the silence applies to an alert at a time.</summary>
    internal bool Applies(string rule, string? subject, string? node, DateTimeOffset now) =>
        From <= now && now < To
        && (Rule is null || Rule == rule)
        && (Subject is null || Subject == subject)
        && (Node is null || Node == node);
}
