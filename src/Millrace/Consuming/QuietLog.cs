using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>The end of a log, and a time since which no event has followed.</summary>
/// <param name="Head">The end of the log.</param>
/// <param name="Since">The time, by the clock of the node.</param>
internal sealed record QuietLog(LogHead Head, DateTimeOffset Since)
{
    /// <summary>Returns what is known when the end of the log is read again.</summary>
    public static QuietLog After(QuietLog? former, LogHead head, DateTimeOffset now) =>
        former?.Head == head ? former : new QuietLog(head, now);
}
