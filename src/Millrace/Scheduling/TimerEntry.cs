namespace Millrace;

/// <summary>Something that happened to a timer or a schedule.</summary>
/// <param name="Version">Its place in the stream of the timer or schedule.</param>
/// <param name="What">What happened: <c>set</c>, <c>fired</c>, <c>paused</c> and others.</param>
/// <param name="Due">When it is due from then on; null where that did not change, or nothing is.</param>
/// <param name="DueBefore">When it was due before; null where it was not.</param>
/// <param name="Reason">Why, or what went wrong.</param>
/// <param name="By">Who did it, where a person did.</param>
/// <param name="At">When.</param>
public sealed record TimerEntry(
    long Version,
    string What,
    DateTimeOffset? Due,
    DateTimeOffset? DueBefore,
    string? Reason,
    string? By,
    DateTimeOffset At);
