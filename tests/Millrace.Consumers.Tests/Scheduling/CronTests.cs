using System.Globalization;

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
    [InlineData("0 0 13 * FRI", "2026-11-21T08:00:00", "2026-11-27T00:00:00")] // Either day is right where both are given.
    [InlineData("0 12 1,15 jan,jul *", "2026-11-21T08:00:00", "2027-01-01T12:00:00")]
    [InlineData("0 0 * * 7", "2026-11-21T08:00:00", "2026-11-22T00:00:00")]
    [InlineData("@monthly", "2026-11-21T08:00:00", "2026-12-01T00:00:00")]
    [InlineData("@hourly", "2026-11-21T08:00:00", "2026-11-21T09:00:00")]
    public void The_next_time_is_found(string cron, string after, string expected)
    {
        var next = CronExpression.Parse(cron).NextAfter(Utc(after), TimeZoneInfo.Utc);

        Assert.Equal(Utc(expected), next);
    }

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() =>
        Assert.Null(CronExpression.Parse("0 0 31 2 *").NextAfter(Utc("2026-11-21T08:00:00"), Berlin));

    [Theory]
    [InlineData("30 2 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-30T00:30:00")] // 02:30 is not; 03:00 is right behind.
    [InlineData("0 3 * * *", "2026-03-28T12:00:00", "2026-03-29T01:00:00", "2026-03-30T01:00:00")]
    [InlineData("30 2 * * *", "2026-10-24T12:00:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00")] // 02:30 comes twice: the first counts.
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
    [InlineData("Europe/Berlin", "30 2 * * 1", "2026-03-28T12:00:00", "2026-03-30T00:30:00", "2026-04-06T00:30:00")] // A Sunday's gap.
    [InlineData("Australia/Lord_Howe", "15 2 * * *", "2026-10-03T12:00:00", "2026-10-03T15:30:00", "2026-10-04T15:15:00")] // Half an hour.
    public void What_a_gap_skips_is_taken_right_behind_it(string zone, string cron, string after, string first, string second)
    {
        var times = Times(cron, after, 2, TimeZoneInfo.FindSystemTimeZoneById(zone));

        Assert.Equal([Utc(first), Utc(second)], times);
    }

    [Fact]
    public void What_recurs_within_hours_goes_on_by_the_time_that_passes()
    {
        Assert.Equal(
            [Utc("2026-03-29T00:30:00"), Utc("2026-03-29T01:00:00"), Utc("2026-03-29T01:30:00")],
            Times("*/30 * * * *", "2026-03-29T00:00:00", 3));
        Assert.Equal(
            [Utc("2026-10-25T00:30:00"), Utc("2026-10-25T01:00:00"), Utc("2026-10-25T01:30:00"), Utc("2026-10-25T02:00:00")],
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
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("1,,2 * * * *")]
    public void What_is_not_cron_is_refused(string cron) => Assert.Throws<FormatException>(() => CronExpression.Parse(cron));

    private static List<DateTimeOffset> Times(string cron, string after, int count, TimeZoneInfo? zone = null)
    {
        var (times, expression, last) = (new List<DateTimeOffset>(), CronExpression.Parse(cron), Utc(after));
        while (times.Count < count)
            times.Add(last = expression.NextAfter(last, zone ?? Berlin)!.Value);
        return times;
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text + "Z", CultureInfo.InvariantCulture);
}
