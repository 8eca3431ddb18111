namespace Millrace;

/// <summary>An entry in the history of an instance of a process.</summary>
/// <param name="Version">The version in the stream of the instance.</param>
/// <param name="Kind">The kind of entry, such as <c>step-done</c> or <c>compensating</c>.</param>
/// <param name="Step">The step or other part of the process; null if the entry concerns the whole instance.</param>
/// <param name="Reason">The reason, or the error.</param>
/// <param name="By">The user who acted; null if no user caused the entry.</param>
/// <param name="Position">The position of the event that caused the entry; null if no event caused it.</param>
/// <param name="At">The time of the entry.</param>
public sealed record ProcessEntry(
    long Version, string Kind, string? Step, string? Reason, string? By, long? Position, DateTimeOffset At);
