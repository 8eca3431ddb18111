using System.Globalization;

namespace Millrace;

/// <summary>
/// Thrown when an append sets a recorded time that is in the future, or before the time of the log's last event. The
/// append wrote nothing.
/// </summary>
/// <remarks>
/// Times never decrease in the log. Without a time in the append, the store records the time of the commit.
/// </remarks>
public sealed class RecordedTimeException(DateTimeOffset recordedAt, DateTimeOffset last, DateTimeOffset now)
    : MillraceException($"The time {Text(recordedAt)} cannot be recorded: it is {ReasonFor(recordedAt, last, now)}.")
{
    /// <summary>Gets the requested time.</summary>
    public DateTimeOffset RecordedAt { get; } = recordedAt;

    /// <summary>
    /// Gets the time of the log's last event; <see cref="DateTimeOffset.MinValue"/> if the log is empty.
    /// </summary>
    public DateTimeOffset Last { get; } = last;

    /// <summary>Gets the current time.</summary>
    public DateTimeOffset Now { get; } = now;

    private static string ReasonFor(DateTimeOffset recordedAt, DateTimeOffset last, DateTimeOffset now) =>
        recordedAt < last
            ? $"before {Text(last)}, the time of the log's last event"
            : $"in the future; now it is {Text(now)}";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
