using System.Globalization;
using Millrace.Scheduling;

namespace Millrace.Tests.Scheduling;

public sealed class CronTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");

    [Theory]
    [InlineData("30 3 * * *", "2026-11-21T08:00:00", "2026-11-22T03:30:00")]
    [InlineData("*/15 * * * *", "2026-11-21T08:00:00", "2026-11-21T08:15:00")]
    [InlineData("*/20 * * * * *", "2026-11-21T08:00:05", "2026-11-21T08:00:20")]
    [InlineData("0 9-17/4 * * MON-FRI", "2026-11-21T08:00:00", "2026-11-23T09:00:00")]
    [InlineData("0 0 29 2 *", "2026-11-21T08:00:00", "2028-02-29T00:00:00")]
    // With both day fields, one of them must match.
    [InlineData("0 0 13 * FRI", "2026-11-21T08:00:00", "2026-11-27T00:00:00")]
    [InlineData("0 12 1,15 jan,jul *", "2026-11-21T08:00:00", "2027-01-01T12:00:00")]
    [InlineData("0 0 * * 7", "2026-11-21T08:00:00", "2026-11-22T00:00:00")]
    [InlineData("@monthly", "2026-11-21T08:00:00", "2026-12-01T00:00:00")]
    [InlineData("@hourly", "2026-11-21T08:00:00", "2026-11-21T09:00:00")]
    [InlineData("0 22-1 * * *", "2026-11-21T23:30:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 L * *", "2026-11-21T08:00:00", "2026-11-30T00:00:00")]
    [InlineData("0 0 * * THU#2", "2026-11-21T08:00:00", "2026-12-10T00:00:00")]
    public void The_next_time_is_found(string cron, string after, string expected)
    {
        var next = CronExpression.Parse(cron).NextAfter(Utc(after), TimeZoneInfo.Utc);

        Assert.Equal(Utc(expected), next);
    }

    [Theory]
    [InlineData("0 0 31 2 *")]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 4,6,9,11 *")]
    [InlineData("* * * 31 2 *")]
    [InlineData("0 0 29-31/2 2 *", false)] // The 29th of February occurs.
    [InlineData("0 0 31 2 MON", false)] // Mondays in February occur.
    public void An_expression_that_never_occurs_is_refused(string cron, bool isRefused = true)
    {
        var problem = CronExpression.FindProblem(cron);

        Assert.Equal(isRefused, problem?.Contains("never occurs", StringComparison.Ordinal) ?? false);
        if (!isRefused)
            Assert.NotNull(CronExpression.Parse(cron).NextAfter(Utc("2026-11-21T08:00:00"), Berlin));
    }

    [Theory]
    [InlineData("*/90 * * * *", "minutes", 59)]
    [InlineData("5/60 * * * *", "minutes", 59)]
    [InlineData("*/60 * * * * *", "seconds", 59)]
    [InlineData("0 */36 * * *", "hours", 23)]
    [InlineData("0 1,8-20/24 * * *", "hours", 23)]
    [InlineData("0 0 */32 * *", "days of the month", 31)]
    [InlineData("0 0 1 */13 *", "months", 12)]
    [InlineData("0 0 * * */8", "days of the week", 7)]
    public void A_step_outside_the_fields_range_is_refused(string cron, string field, int max)
    {
        var problem = CronExpression.FindProblem(cron);

        Assert.StartsWith($"'{cron}' is not a valid cron expression: the step of '", problem, StringComparison.Ordinal);
        Assert.Contains($" in the {field} is out of range", problem, StringComparison.Ordinal);
        Assert.EndsWith($"write a step from 1 to {max}.", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 */2 * * *", "0 0,2,4,6,8,10,12,14,16,18,20,22 * * *")]
    [InlineData("0 */2 * * *", "0 0-23/2 * * *")]
    [InlineData("*/5 2 * * *", "0,5,10,15,20,25,30,35,40,45,50,55 2 * * *")]
    [InlineData("* 2 * * *", "0-59 2 * * *")]
    [InlineData("30 * * * *", "30 0-23 * * *")]
    [InlineData("0 0 */2 * MON", "0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * 1")]
    [InlineData("0 0 * * *", "0 0 1-31 1-12 0-6")]
    [InlineData("*/15,7 3 * * *", "0,7,15,30,45 3 * * *")]
    public void Equal_sets_have_equal_times(string expression, string other)
    {
        foreach (var start in (string[])["2026-03-28T12:00:00", "2026-10-24T12:00:00"])
            Assert.Equal(Times(expression, start, 100), Times(other, start, 100));
    }

    [Fact]
    public void Every_second_hour_skips_no_run_in_spring_and_repeats_none_in_autumn()
    {
        Assert.Equal( // Local times 00:00, 03:00 (for 02:00), 04:00 and 06:00.
            [
                Utc("2026-03-28T23:00:00"),
                Utc("2026-03-29T01:00:00"),
                Utc("2026-03-29T02:00:00"),
                Utc("2026-03-29T04:00:00"),
            ],
            Times("0 */2 * * *", "2026-03-28T22:00:00", 4));
        Assert.Equal( // Local times 00:00, 02:00 (only once) and 04:00.
            [Utc("2026-10-24T22:00:00"), Utc("2026-10-25T00:00:00"), Utc("2026-10-25T03:00:00")],
            Times("0 */2 * * *", "2026-10-24T21:00:00", 3));
    }

    [Theory]
    // 02:30 does not exist, so the run is at 03:00, immediately after the gap.
    [InlineData("30 2 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-30T00:30:00")]
    [InlineData("0 3 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-30T01:00:00")]
    // 02:30 occurs twice, and the run is at the first one.
    [InlineData("30 2 * * *", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00")]
    public void Times_of_day_are_kept_when_clocks_change(string cron, string after, string first, string second)
    {
        var times = Times(cron, after, 2);

        Assert.Equal([Utc(first), Utc(second)], times);
    }

    [Theory]
    [InlineData("Africa/Cairo", "0 0 * * *", "2026-04-22T23:00:00", "2026-04-23T22:00:00", "2026-04-24T21:00:00")]
    [InlineData("Africa/Cairo", "30 0 * * *", "2026-04-22T23:00:00", "2026-04-23T22:00:00", "2026-04-24T21:30:00")]
    [InlineData("Africa/Cairo", "0 0 * * 5", "2026-04-20T12:00:00", "2026-04-23T22:00:00", "2026-04-30T21:00:00")]
    [InlineData("Africa/Cairo", "0 0 24 4 *", "2026-01-20T12:00:00", "2026-04-23T22:00:00", "2027-04-23T22:00:00")]
    [InlineData("Africa/Cairo", "0 23 * * 4", "2026-04-20T12:00:00", "2026-04-23T21:00:00", "2026-04-30T20:00:00")]
    [InlineData("Africa/Cairo", "0 0 * * 4", "2026-04-20T12:00:00", "2026-04-22T22:00:00", "2026-04-29T21:00:00")]
    [InlineData("America/Santiago", "0 0 * * *", "2026-09-05T12:00:00", "2026-09-06T04:00:00", "2026-09-07T03:00:00")]
    [InlineData("America/Santiago", "0 0 * * 0", "2026-09-02T12:00:00", "2026-09-06T04:00:00", "2026-09-13T03:00:00")]
    [InlineData("Asia/Beirut", "0 0 29 * *", "2026-03-20T12:00:00", "2026-03-28T22:00:00", "2026-04-28T21:00:00")]
    [InlineData("Europe/Berlin", "59 1,2 * * *", "2026-03-28T12:00:00", "2026-03-29T00:59:00", "2026-03-29T01:00:00")]
    [InlineData("Europe/Berlin", "30 2 * * *", "2026-03-29T00:59:59", "2026-03-29T01:00:00", "2026-03-30T00:30:00")]
    // The gap is on a Sunday.
    [InlineData("Europe/Berlin", "30 2 * * 1", "2026-03-28T12:00:00", "2026-03-30T00:30:00", "2026-04-06T00:30:00")]
    [InlineData(
        "Australia/Lord_Howe",
        "15 2 * * *",
        "2026-10-03T12:00:00",
        "2026-10-03T15:30:00",
        "2026-10-04T15:15:00")] // The clock changes by half an hour.
    public void Times_in_a_clock_gap_run_immediately_after_the_gap(
        string zone, string cron, string after, string first, string second)
    {
        var times = Times(cron, after, 2, TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal([Utc(first), Utc(second)], times);
    }

    [Fact]
    public void Intervals_within_hours_follow_elapsed_time()
    {
        Assert.Equal(
            [Utc("2026-03-29T00:30:00"), Utc("2026-03-29T01:00:00"), Utc("2026-03-29T01:30:00")],
            Times("*/30 * * * *", "2026-03-29T00:00:00", 3));
        Assert.Equal(
            [
                Utc("2026-10-25T00:30:00"),
                Utc("2026-10-25T01:00:00"),
                Utc("2026-10-25T01:30:00"),
                Utc("2026-10-25T02:00:00"),
            ],
            Times("*/30 * * * *", "2026-10-25T00:00:00", 4));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * MOON")]
    [InlineData("*/0 * * * *")]
    [InlineData("*/5/2 * * * *")]
    [InlineData("*/x * * * *")]
    [InlineData("1,,2 * * * *")]
    [InlineData("H * * * *")]
    [InlineData("0 0 * MARCH *")]
    [InlineData("@often")]
    public void Invalid_expressions_are_refused(string cron) =>
        Assert.ThrowsAny<FormatException>(() => CronExpression.Parse(cron));

    private static List<DateTimeOffset> Times(string cron, string after, int count, TimeZoneInfo? zone = null)
    {
        var (times, expression, last) = (new List<DateTimeOffset>(), CronExpression.Parse(cron), Utc(after));
        while (times.Count < count)
            times.Add(last = expression.NextAfter(last, zone ?? Berlin)!.Value);
        return times;
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);
}
