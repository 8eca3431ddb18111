namespace Millrace;

/// <summary>An entry in the history of a timer or a schedule.</summary>
/// <param name="Version">The version in the stream of the timer or schedule.</param>
/// <param name="Kind">The kind of entry, such as <c>set</c>, <c>fired</c> or <c>paused</c>.</param>
/// <param name="Due">The new due time; null if the due time did not change or was removed.</param>
/// <param name="DueBefore">The previous due time; null if there was none.</param>
/// <param name="Reason">The reason, or the error.</param>
/// <param name="By">The user who acted; null if no user caused the entry.</param>
/// <param name="At">The time of the entry.</param>
public sealed record TimerEntry(
    long Version,
    string Kind,
    DateTimeOffset? Due,
    DateTimeOffset? DueBefore,
    string? Reason,
    string? By,
    DateTimeOffset At);
