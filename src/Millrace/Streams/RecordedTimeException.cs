using System.Globalization;

namespace Millrace;

/// <summary>
/// Events were to be appended with a time that the log cannot record: before its last one, or in the future. Nothing
/// was written.
/// </summary>
/// <remarks>Times never run backwards in the log. Append without a time to have the commit's recorded.</remarks>
public sealed class RecordedTimeException(DateTimeOffset recordedAt, DateTimeOffset last, DateTimeOffset now)
    : MillraceException($"The time {Text(recordedAt)} cannot be recorded: it lies {Where(recordedAt, last, now)}.")
{
    /// <summary>The time that was to be recorded.</summary>
    public DateTimeOffset RecordedAt { get; } = recordedAt;

    /// <summary>The time of the log's last event; the earliest that there is when it has none.</summary>
    public DateTimeOffset Last { get; } = last;

    /// <summary>The clock.</summary>
    public DateTimeOffset Now { get; } = now;

    private static string Where(DateTimeOffset recordedAt, DateTimeOffset last, DateTimeOffset now) => recordedAt < last
        ? $"before {Text(last)}, the time of the log's last event"
        : $"in the future: it is {Text(now)}";

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
