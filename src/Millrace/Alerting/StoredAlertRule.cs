namespace Millrace.Alerting;

/// <summary>A rule that an operator stored.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Version">The version of the stream of rules with the change.</param>
/// <param name="By">The user.</param>
/// <param name="At">The time of the change.</param>
internal sealed record StoredAlertRule(AlertRule Rule, long Version, string? By, DateTimeOffset At);
