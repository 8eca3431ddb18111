namespace Millrace;

/// <summary>A user's decision about a schedule. The decision is currently in effect. Immutable.</summary>
/// <param name="By">The user who made the decision; null if the caller named none.</param>
/// <param name="Reason">The reason; null if the caller gave none.</param>
/// <param name="At">The time of the decision.</param>
public sealed record ScheduleDecision(string? By, string? Reason, DateTimeOffset At);
