namespace Millrace;

/// <summary>An entry in the history of an instance of a process.</summary>
/// <param name="Version">The version in the stream of the instance.</param>
/// <param name="What">What happened: <c>step-done</c>, <c>compensating</c> and others.</param>
/// <param name="Step">The part; null if the entry concerns the whole instance.</param>
/// <param name="Reason">The reason, or the error.</param>
/// <param name="By">The user; null if it was not a user's action.</param>
/// <param name="Position">The position of the event that caused it; null if there was none.</param>
/// <param name="At">The time of the entry.</param>
public sealed record ProcessEntry(
    long Version, string What, string? Step, string? Reason, string? By, long? Position, DateTimeOffset At);
