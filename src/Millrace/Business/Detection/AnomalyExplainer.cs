using Millrace.Business.Findings;

namespace Millrace.Business.Detection;

/// <summary>
/// Explains an anomaly of a series: with the members behind it, the largest events, and the hour to ask for.
/// </summary>
/// <param name="kpi">The figure.</param>
/// <param name="members">The members of the first dimension, for the whole figure.</param>
/// <param name="zone">The time zone of sentences.</param>
internal sealed class AnomalyExplainer(KpiInfo kpi, IReadOnlyList<MemberSeries> members, TimeZoneInfo zone)
{
    private const string Command = "millrace why";

    /// <summary>Passes hours to a detector, and returns the anomalies with their explanations.</summary>
    /// <param name="detector">The detector of the series.</param>
    /// <param name="member">The member; null for the whole figure.</param>
    /// <param name="hours">The hours of the series, with those before that explanations need.</param>
    /// <param name="from">The number of the first hour for the detector.</param>
    /// <param name="now">The current time.</param>
    public List<KpiAnomaly> Examine(
        AnomalyDetector detector, string? member, IReadOnlyList<KpiPoint> hours, int from, DateTimeOffset now)
    {
        var anomalies = new List<KpiAnomaly>();
        for (var hour = from; hour < hours.Count; hour++)
        {
            var value = hours[hour].Value is { } known ? (double)known
                : HourSeries.IsSumOf(kpi.Kind) ? 0
                : double.NaN;
            var result = detector.Add(hours[hour].Start, value);
            if (result.IsAnomaly)
                anomalies.Add(Explain(member, hours, hour, result, now));
        }
        return anomalies;
    }

    /// <summary>Returns an anomaly with its explanation.</summary>
    /// <param name="member">The member that is unusual; null for the whole figure.</param>
    /// <param name="points">The hours of the series.</param>
    /// <param name="hour">The number of the hour with the anomaly.</param>
    /// <param name="result">What the detector has reported.</param>
    /// <param name="now">The current time.</param>
    private KpiAnomaly Explain(
        string? member, IReadOnlyList<KpiPoint> points, int hour, AnomalyResult result, DateTimeOffset now)
    {
        var series = HourSeries.Of(kpi.Kind, points);
        var value = series.Value(hour, hour + 1) ?? 0;
        // A value that is itself unusual is explained alone, whatever else is unusual.
        var hours = IsOutside((double)value, result.Expected) ? 1 : Math.Min(hour + 1, HoursOf(result.Signal));
        var from = hour + 1 - hours;
        var contributions = member is null ? DeviationExplainer.Explain(series, members, from, hour + 1) : [];
        var path = PathOf(series, points, from, hour + 1);
        return new KpiAnomaly
        {
            Kpi = kpi.Name,
            Dimension = member is null ? null : kpi.Dimensions[0],
            Member = member,
            Hour = points[hour].Start,
            Hours = hours,
            Value = value,
            Expected = result.Expected,
            Signal = result.Signal,
            Score = Math.Round(result.Score, 4),
            Text = TextOf(member, series, (from, hour + 1), result) + TextOf(contributions),
            Members = contributions,
            Events = EventsOf(points, from, hour + 1),
            Path = path,
            Command = path is null ? null : $"{Command} {Quote(path)}",
            FoundAt = now,
        };
    }

    private static bool IsOutside(double value, ExpectedRange? expected) =>
        expected is { } range && (value < range.Lower || value > range.Upper);

    /// <summary>Returns the number of hours that a signal compares.</summary>
    private static int HoursOf(AnomalySignal signal) => signal switch
    {
        AnomalySignal.Level => 6,
        AnomalySignal.Pattern => 24,
        AnomalySignal.Stillness => 16,
        _ => 1,
    };

    private string TextOf(string? member, HourSeries series, (int From, int To) hours, AnomalyResult result)
    {
        var name = KpiText.Name(kpi) + (member is null ? "" : $" of {KpiText.Name(kpi.Dimensions[0])} {member}");
        var value = ValueText(series.Value(hours.From, hours.To));
        if (hours.To - hours.From == 1)
            return $"{KpiText.Sentence(name)} on {KpiText.Hour(series.TimeAt(hours.From), zone)}: "
                + $"{value}{Range(result)}.";
        var what = result.Signal switch
        {
            AnomalySignal.Stillness => "Unusually even",
            AnomalySignal.Pattern => "Unusual course of",
            _ => "Unusual level of",
        };
        var end = KpiText.Time(series.TimeAt(hours.To), zone);
        return $"{what} {name} in the {hours.To - hours.From} hours until {end}: {value}{Usual(series, hours)}.";
    }

    private string TextOf(IReadOnlyList<KpiMemberDeviation> contributions)
    {
        if (contributions is not [{ Share: > 0 } most, ..])
            return "";
        var usual = most.Usual is { } value ? $" instead of usually {KpiText.Value(value, kpi)}" : "";
        return $" {KpiText.Sentence(KpiText.Name(kpi.Dimensions[0]))} {most.Member} contributes "
            + $"{KpiText.Percent(most.Share)} of the difference: {KpiText.Value(most.Value, kpi)}{usual}.";
    }

    private string ValueText(decimal? value) => value is { } known ? KpiText.Value(known, kpi) : "missing";

    private string Range(AnomalyResult result) => result.Expected is { } expected
        ? $", usually {KpiText.Value(Rounded(expected.Lower), kpi)} to {KpiText.Value(Rounded(expected.Upper), kpi)}"
        : "";

    private string Usual(HourSeries series, (int From, int To) hours) =>
        UsualValue.Of(series, hours.From, hours.To - hours.From) is { } usual
            ? $" instead of usually {KpiText.Value(usual, kpi)}"
            : "";

    private static decimal Rounded(double value) =>
        Math.Round((decimal)Math.Clamp(value, (double)decimal.MinValue / 2, (double)decimal.MaxValue / 2), 4);

    /// <summary>Returns the path of the hour that differs most from its usual value, and has events.</summary>
    private static string? PathOf(HourSeries series, IReadOnlyList<KpiPoint> points, int from, int to) =>
        Enumerable.Range(from, to - from)
            .Where(hour => points[hour].Path is not null)
            .OrderByDescending(hour => Math.Abs((points[hour].Value ?? 0) - (UsualValue.Of(series, hour, 1) ?? 0)))
            .Select(hour => points[hour].Path)
            .FirstOrDefault();

    private static IReadOnlyList<KpiContribution> EventsOf(IReadOnlyList<KpiPoint> points, int from, int to) =>
    [
        .. Enumerable.Range(from, to - from)
            .SelectMany(hour => points[hour].Largest)
            .OrderByDescending(static one => Math.Abs(one.Value))
            .ThenBy(static one => one.Position)
            .Take(Kpis.MaxLargest),
    ];

    /// <summary>Returns an argument of a command, in quotation marks if a shell needs them.</summary>
    private static string Quote(string text) =>
        text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '.' or '_' or ':' or '@')
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
