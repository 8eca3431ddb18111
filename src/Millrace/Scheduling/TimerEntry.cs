namespace Millrace;

/// <summary>An entry in the history of a timer or a schedule.</summary>
/// <param name="Version">The version in the stream of the timer or schedule.</param>
/// <param name="What">What happened: <c>set</c>, <c>fired</c>, <c>paused</c> and others.</param>
/// <param name="Due">The new due time; null if it did not change or there is none.</param>
/// <param name="DueBefore">The previous due time; null if there was none.</param>
/// <param name="Reason">The reason, or the error.</param>
/// <param name="By">The user; null if it was not a user's action.</param>
/// <param name="At">The time of the entry.</param>
public sealed record TimerEntry(
    long Version,
    string What,
    DateTimeOffset? Due,
    DateTimeOffset? DueBefore,
    string? Reason,
    string? By,
    DateTimeOffset At);
