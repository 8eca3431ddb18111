namespace Millrace;

/// <summary>Something that happened to an instance of a process.</summary>
/// <param name="Version">Its place in the stream of the instance.</param>
/// <param name="What">What happened: <c>step-done</c>, <c>compensating</c> and others.</param>
/// <param name="Step">The part that it is about; null when it is about all.</param>
/// <param name="Reason">Why, or what went wrong.</param>
/// <param name="By">Who did it, where a person did.</param>
/// <param name="Position">Where the event stands that caused it; null where none did.</param>
/// <param name="At">When.</param>
public sealed record ProcessEntry(
    long Version, string What, string? Step, string? Reason, string? By, long? Position, DateTimeOffset At);
