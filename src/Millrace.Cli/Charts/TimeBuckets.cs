using System.Globalization;

namespace Millrace.Cli.Charts;

/// <summary>Divides time into buckets of one length, in UTC.</summary>
internal sealed record TimeBuckets(string Per)
{
    private static readonly (string Per, TimeSpan Longest)[] Lengths =
    [
        ("minute", TimeSpan.FromMinutes(40)), ("hour", TimeSpan.FromHours(48)), ("day", TimeSpan.FromDays(62)),
        ("month", TimeSpan.FromDays(31 * 48)), ("year", TimeSpan.MaxValue),
    ];

    /// <summary>Gets the names of the lengths, shortest first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Lengths.Select(length => length.Per)];

    /// <summary>Returns the shortest buckets that do not produce too many lines for a time span.</summary>
    public static TimeBuckets For(TimeSpan span) => new(Lengths.First(length => span <= length.Longest).Per);

    /// <summary>Returns the start of the bucket that contains a time.</summary>
    public DateTimeOffset Begin(DateTimeOffset time)
    {
        var utc = time.UtcDateTime;
        return new DateTimeOffset(
            utc.Year,
            Per == "year" ? 1 : utc.Month,
            Per is "year" or "month" ? 1 : utc.Day,
            Per is "hour" or "minute" ? utc.Hour : 0,
            Per == "minute" ? utc.Minute : 0,
            0,
            TimeSpan.Zero);
    }

    public DateTimeOffset Next(DateTimeOffset begin) => Per switch
    {
        "minute" => begin.AddMinutes(1),
        "hour" => begin.AddHours(1),
        "day" => begin.AddDays(1),
        "month" => begin.AddMonths(1),
        _ => begin.AddYears(1),
    };

    /// <summary>Returns the start of the previous bucket.</summary>
    public DateTimeOffset Before(DateTimeOffset begin) => Begin(begin.AddTicks(-1));

    /// <summary>Returns the label of a bucket.</summary>
    public string Label(DateTimeOffset begin) => begin.UtcDateTime.ToString(
        Per switch
        {
            "minute" or "hour" => "yyyy-MM-dd HH:mm",
            "day" => "yyyy-MM-dd ddd",
            "month" => "yyyy-MM",
            _ => "yyyy",
        },
        CultureInfo.InvariantCulture);
}
