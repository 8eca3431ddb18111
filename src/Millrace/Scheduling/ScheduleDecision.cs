namespace Millrace;

/// <summary>A decision about a schedule that is in effect. Immutable.</summary>
/// <param name="By">The user that made it; null if none was given.</param>
/// <param name="Reason">The reason; null if none was given.</param>
/// <param name="At">The time of the decision.</param>
public sealed record ScheduleDecision(string? By, string? Reason, DateTimeOffset At);
