namespace Millrace.ProcessManagers;

/// <summary>An event that the process keeps for an instance that has not started.</summary>
/// <param name="Event">The stored name of the event.</param>
/// <param name="Position">The position of the event in the log.</param>
/// <param name="Until">The time until which the process keeps the event.</param>
internal readonly record struct BufferedEarlyEvent(string Event, long Position, DateTimeOffset Until);
