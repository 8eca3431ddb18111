using System.Globalization;

namespace Millrace.Cli.Charts;

/// <summary>Divides time into buckets of one length, in UTC.</summary>
/// <param name="Unit">The name of the length: minute, hour, day, month or year.</param>
internal sealed record TimeBuckets(string Unit)
{
    private static readonly (string Unit, TimeSpan MaxSpan)[] Lengths =
    [
        ("minute", TimeSpan.FromMinutes(40)), ("hour", TimeSpan.FromHours(48)), ("day", TimeSpan.FromDays(62)),
        ("month", TimeSpan.FromDays(31 * 48)), ("year", TimeSpan.MaxValue),
    ];

    /// <summary>Gets the names of the lengths, shortest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Lengths.Select(length => length.Unit)];

    /// <summary>Returns the shortest buckets that do not produce too many lines for a time span.</summary>
    public static TimeBuckets For(TimeSpan span) => new(Lengths.First(length => span <= length.MaxSpan).Unit);

    /// <summary>Returns the start of the bucket that contains a time.</summary>
    public DateTimeOffset StartOf(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return new DateTimeOffset(
            utc.Year,
            Unit == "year" ? 1 : utc.Month,
            Unit is "year" or "month" ? 1 : utc.Day,
            Unit is "hour" or "minute" ? utc.Hour : 0,
            Unit == "minute" ? utc.Minute : 0,
            0,
            TimeSpan.Zero);
    }

    public DateTimeOffset Next(DateTimeOffset start) => Unit switch
    {
        "minute" => start.AddMinutes(1),
        "hour" => start.AddHours(1),
        "day" => start.AddDays(1),
        "month" => start.AddMonths(1),
        _ => start.AddYears(1),
    };

    /// <summary>Returns the start of the previous bucket.</summary>
    public DateTimeOffset Previous(DateTimeOffset start) => StartOf(start.AddTicks(-1));

    /// <summary>Returns the label of a bucket.</summary>
    public string Label(DateTimeOffset start) => start.UtcDateTime.ToString(
        Unit switch
        {
            "minute" or "hour" => "yyyy-MM-dd HH:mm",
            "day" => "yyyy-MM-dd ddd",
            "month" => "yyyy-MM",
            _ => "yyyy",
        },
        CultureInfo.InvariantCulture);
}
