namespace Millrace;

/// <summary>An event that is kept for an instance that has not started.</summary>
/// <param name="Event">The stored name of the event.</param>
/// <param name="Position">Its position in the log.</param>
/// <param name="Until">The time until which it is kept.</param>
internal readonly record struct BufferedEarlyEvent(string Event, long Position, DateTimeOffset Until);
