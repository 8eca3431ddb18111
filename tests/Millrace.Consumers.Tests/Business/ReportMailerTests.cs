using Millrace.Business.WeeklyReports;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>Tests that the weekly report is sent once, at its time.</summary>
public sealed class ReportMailerTests : IDisposable
{
    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();
    private readonly ReportChannel _office = new("office");

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Two_nodes_send_the_report_of_the_last_week_once()
    {
        await using var app = await Start();
        await using var one = Node(app);
        await using var two = Node(app);
        GoTo(week: 2, TimeSpan.FromDays(1));
        await Task.WhenAll(one.Run(), two.Run());
        Assert.Empty(_office.Reports); // Weeks before the first start are not sent.
        GoTo(week: 3, TimeSpan.FromHours(6.9));
        await Task.WhenAll(one.Run(), two.Run());
        Assert.Empty(_office.Reports);
        GoTo(week: 3, TimeSpan.FromHours(7.1));
        for (var i = 0; i < 3; i++)
            await Task.WhenAll(one.Run(), two.Run());

        var report = Assert.Single(_office.Reports);
        Assert.Equal("Business figures: Week 4 of 2026", report.Subject);
        Assert.Contains("REVENUE", report.Text, StringComparison.Ordinal);
        Assert.Contains("Week 4 of 2026", report.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_downtime_only_the_newest_week_is_sent()
    {
        await using var app = await Start();
        await using (var node = Node(app))
            await node.Run();
        GoTo(week: 7, TimeSpan.FromDays(2));
        await using var restarted = Node(app);
        await restarted.Run();
        await restarted.Run();

        Assert.Equal("Business figures: Week 8 of 2026", Assert.Single(_office.Reports).Subject);
    }

    [Fact]
    public async Task A_report_that_is_not_accepted_is_sent_again_with_the_same_id()
    {
        await using var app = await Start();
        var boss = new ReportChannel("boss");
        await using var node = new KpiMonitorNode(
            app, static options => options.ReportChannels = ["office", "boss"], _office, boss);
        await node.Run();
        boss.Fails = true;
        GoTo(week: 3, TimeSpan.FromHours(8));
        await node.Run();
        await node.Run(); // Before the pause has elapsed.
        Assert.Single(boss.Attempts);
        boss.Fails = false;
        _clock.Advance(TimeSpan.FromMinutes(2));
        await node.Run();

        Assert.Equal((1, 1), (_office.Attempts.Count, boss.Reports.Count));
        Assert.Equal(boss.Attempts[0], boss.Attempts[1]);
    }

    [Fact]
    public async Task A_requested_report_is_sent_and_another_one_waits()
    {
        await using var app = await Start();
        await using var node = Node(app);
        await node.Run();
        var (first, last) = (new DateOnly(2026, 1, 5), new DateOnly(2026, 1, 31));
        var id = await node.Monitor.RequestReport(first, last, "ada");
        var refused = await Assert.ThrowsAsync<KpiReportNotSentException>(
            () => node.Monitor.RequestReport(first, last, "ada"));
        Assert.False(await node.Monitor.WaitForReport(id, TimeSpan.Zero));
        await node.Run();

        Assert.True(await node.Monitor.WaitForReport(id, TimeSpan.FromMinutes(1)));
        Assert.Contains("is being sent", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Business figures: 5 to 31 January 2026", Assert.Single(_office.Reports).Subject);
        Assert.Equal(id, _office.Reports[0].Id);
    }

    [Fact]
    public async Task Without_channels_a_request_is_refused()
    {
        await using var app = await Start();
        await using var node = new KpiMonitorNode(app);
        await node.Run();
        var day = new DateOnly(2026, 1, 5);

        await Assert.ThrowsAsync<KpiReportNotSentException>(() => node.Monitor.RequestReport(day, day, "ada"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => node.Monitor.RequestReport(day, day.AddDays(-1), "ada"));
    }

    [Theory]
    [InlineData("0001-01-01", "0001-01-01")]
    [InlineData("1899-12-31", "1900-01-01")]
    [InlineData("9000-12-31", "9001-01-01")]
    [InlineData("9999-12-31", "9999-12-31")]
    public async Task A_report_about_a_year_that_cannot_be_read_is_refused(string first, string last)
    {
        await using var app = await Start();
        await using var node = Node(app);
        await node.Run();
        var (from, to) = (Day(first), Day(last));

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => node.Monitor.RequestReport(from, to, "ada"));
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => node.Monitor.CreateReport(from, to));

        Assert.Contains("1900 to 9000", refused.Message, StringComparison.Ordinal);
        Assert.NotNull(await node.Monitor.RequestReport(Day("2026-01-05"), Day("2026-01-05"), "ada"));
    }

    [Fact]
    public async Task The_weeks_without_channels_are_not_sent_later()
    {
        await using var app = await Start();
        await RunNode(app);
        GoTo(week: 3, TimeSpan.FromHours(8));
        await RunNode(app);
        GoTo(week: 6, TimeSpan.FromHours(8));
        await RunNode(app, hasChannels: false);
        GoTo(week: 6, TimeSpan.FromHours(9));

        await RunNode(app);
        Assert.Equal("Business figures: Week 4 of 2026", Assert.Single(_office.Reports).Subject);
        GoTo(week: 7, TimeSpan.FromHours(8));
        await RunNode(app);

        Assert.Equal("Business figures: Week 8 of 2026", _office.Reports[^1].Subject);
        Assert.Equal(2, _office.Reports.Count);
    }

    [Fact]
    public async Task A_report_that_is_being_sent_ends_when_no_channel_is_left()
    {
        await using var app = await Start();
        await RunNode(app);
        _office.Fails = true;
        GoTo(week: 3, TimeSpan.FromHours(8));
        await RunNode(app);
        _office.Fails = false;
        GoTo(week: 3, TimeSpan.FromHours(9));
        await RunNode(app, hasChannels: false);
        GoTo(week: 3, TimeSpan.FromHours(12));

        await RunNode(app);

        Assert.Single(_office.Attempts);
    }

    [Theory]
    [InlineData("2026-03-02T06:59:00Z", DayOfWeek.Monday, "2026-W08")]
    [InlineData("2026-03-02T07:00:00Z", DayOfWeek.Monday, "2026-W09")]
    [InlineData("2026-03-06T07:00:00Z", DayOfWeek.Sunday, "2026-W08")]
    [InlineData("2026-03-08T07:00:00Z", DayOfWeek.Sunday, "2026-W09")]
    public void The_report_about_a_week_is_due_in_the_next_week(string now, DayOfWeek day, string week)
    {
        var time = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(week, new ReportSchedule(day, 7, TimeZoneInfo.Utc).DueWeek(time).ToString());
    }

    [Fact]
    public void The_hour_is_that_of_the_time_zone()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var winter = new ReportSchedule(DayOfWeek.Monday, 7, zone).DueTime(KpiWeek.Parse("2026-W09"));
        var summer = new ReportSchedule(DayOfWeek.Monday, 7, zone).DueTime(KpiWeek.Parse("2026-W20"));

        Assert.Equal((6, 5), (winter.UtcDateTime.Hour, summer.UtcDateTime.Hour));
    }

    private KpiMonitorNode Node(KpiApp app) =>
        new(app, static options => options.ReportChannels = ["office"], _office);

    private static DateOnly Day(string text) =>
        DateOnly.ParseExact(text, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs a node that is stopped then, so that the next one has the lock.</summary>
    private async Task RunNode(KpiApp app, bool hasChannels = true)
    {
        await using var node = hasChannels ? Node(app) : new KpiMonitorNode(app);
        await node.Run();
    }

    /// <summary>Sets the clock to a time after the Monday of a week of the history.</summary>
    private void GoTo(int week, TimeSpan after) =>
        _clock.Advance(SalesHistory.Monday.AddDays(7 * week) + after - _clock.GetUtcNow());

    private async Task<KpiApp> Start()
    {
        var app = await KpiApp.Start(_file.Open(), time: _clock);
        await SalesHistory.Append(app, weeks: 4);
        return app;
    }
}
