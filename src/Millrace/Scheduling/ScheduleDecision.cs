namespace Millrace;

/// <summary>A decision about a schedule that still stands. Immutable.</summary>
/// <param name="By">Who made it; null when nobody said it.</param>
/// <param name="Reason">Why; null when nobody said it.</param>
/// <param name="At">When.</param>
public sealed record ScheduleDecision(string? By, string? Reason, DateTimeOffset At);
