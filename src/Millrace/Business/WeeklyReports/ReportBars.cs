using System.Globalization;
using Millrace.Business.Detection;
using Millrace.Business.Findings;

namespace Millrace.Business.WeeklyReports;

/// <summary>Divides the period of a report into days, weeks or months.</summary>
internal static class ReportBars
{
    private const int MaxDays = 14;
    private const int MaxDaysInWeeks = 98;

    public static IReadOnlyList<KpiReportBar> Of(HourSeries hours, KpiPeriod period, DateTimeOffset until)
    {
        var bars = new List<KpiReportBar>();
        for (var day = period.FirstDay; day < period.EndDay && period.StartOf(day) < until;)
        {
            var next = Next(day, period.Days);
            if (next > period.EndDay)
                next = period.EndDay;
            var (from, to) = (period.StartOf(day), period.StartOf(next));
            bars.Add(new KpiReportBar(LabelOf(day, period.Days), from, hours.Value(from, to < until ? to : until)));
            day = next;
        }
        return bars;
    }

    private static DateOnly Next(DateOnly day, int days) => days switch
    {
        <= MaxDays => day.AddDays(1),
        <= MaxDaysInWeeks => KpiWeek.Of(day).Monday.AddDays(7),
        _ => new DateOnly(day.Year, day.Month, 1).AddMonths(1),
    };

    private static string LabelOf(DateOnly day, int days) => days switch
    {
        <= MaxDays => day.ToString("ddd d MMM", CultureInfo.InvariantCulture),
        <= MaxDaysInWeeks => KpiWeek.Of(day).ToString(),
        _ => day.ToString("MMM yyyy", CultureInfo.InvariantCulture),
    };
}
