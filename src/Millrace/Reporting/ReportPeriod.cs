using System.Globalization;

namespace Millrace.Reporting;

/// <summary>The part of the log that a report covers.</summary>
/// <param name="From">The start, inclusive; null for the start of the log.</param>
/// <param name="To">The end, exclusive; null for the end of the log.</param>
/// <param name="Head">The last position of the log when the report started. Later events are not part of it.</param>
/// <param name="Now">The time when the report started.</param>
internal sealed record ReportPeriod(DateTimeOffset? From, DateTimeOffset? To, long Head, DateTimeOffset Now)
{
    public bool Contains(DateTimeOffset time) => (From is null || time >= From) && (To is null || time < To);

    public override string ToString() => $"{(From is { } from ? TextOf(from) : "start")}/{TextOf(To ?? Now)}";

    private static string TextOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
