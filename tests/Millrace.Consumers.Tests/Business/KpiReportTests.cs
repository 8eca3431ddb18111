using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>Tests the insights and the report about a week of figures.</summary>
public sealed class KpiReportTests : IDisposable
{
    private const int Weeks = 10;
    private static readonly KpiWeek Week = KpiWeek.Parse("2026-W10"); // The ninth week of the history.

    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task The_largest_event_is_found_with_its_cancellation()
    {
        await using var app = await Start();
        var hour = At(day: 2, hour: 11);
        await app.Append("order-9", new Sold("France", 70_000m, hour.AddMinutes(1)));
        await app.Append("order-9", new Sold("France", -70_000m, hour.AddMinutes(17)));
        await app.Append("order-8", new Sold("Norway", 900m, hour.AddHours(1)));

        var insights = await Insights(app);
        var events = insights.Where(static one => one.Kind == KpiInsightKind.LargestEvent).ToList();

        Assert.Equal([70_000m, 900m], events.Select(static one => one.Value));
        Assert.Equal(-70_000m, events[0].Reference);
        Assert.Equal(["order-9", "order-9"], events[0].Events.Select(static one => one.Stream));
        Assert.Equal(hour, events[0].From);
        Assert.Contains("cancelled in the same hour", events[0].Text, StringComparison.Ordinal);
        Assert.Contains("4 March 2026 between 11:00 and 12:00", events[0].Text, StringComparison.Ordinal);
        Assert.EndsWith(
            "No opposite event was found among the largest of each hour.", events[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_earlier_event_of_another_stream_is_no_cancellation()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("France", 900m, At(day: 2, hour: 10)));
        await app.Append("order-2", new Sold("Norway", -900m, At(day: 2, hour: 9)));

        Assert.Equal(["order-1", "order-2"], await Cancellations(app));
    }

    [Fact]
    public async Task A_cancellation_belongs_to_the_event_of_its_stream()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("France", 900m, At(day: 2, hour: 9)));
        await app.Append("order-2", new Sold("France", 900m, At(day: 2, hour: 10)));
        await app.Append("order-2", new Sold("France", -900m, At(day: 2, hour: 11)));

        Assert.Equal(["order-1", "order-2 order-2"], await Cancellations(app));
    }

    [Fact]
    public async Task A_later_event_of_another_stream_probably_cancels_one_event()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("France", 900m, At(day: 2, hour: 9)));
        await app.Append("order-2", new Sold("France", 900m, At(day: 2, hour: 10)));
        await app.Append("order-3", new Sold("France", -900m, At(day: 2, hour: 11)));

        Assert.Equal(["order-1 order-3", "order-2"], await Cancellations(app));
        Assert.Contains("probably cancelled 2 hours later: an event of order-3 has", (await Insights(app))[0].Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancellation_may_be_appended_before_the_event_of_the_same_hour()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("France", 10m, At(day: 2, hour: 9)));
        await app.Append("order-2", new Sold("France", -900m, At(day: 2, hour: 10)));
        await app.Append("order-3", new Sold("France", 900m, At(day: 2, hour: 10)));

        Assert.Equal(["order-3 order-2"], await Cancellations(app));
    }

    [Fact]
    public async Task Busy_days_changes_and_members_are_found()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("France", 3_000m, At(day: 3, hour: 14)));
        await app.Append("order-2", new Sold("Iceland", 50m, At(day: 4, hour: 14)));
        for (var week = 0; week < 8; week++)
            await app.Append("order-3", new Sold("Malta", 100m, SalesHistory.Monday.AddDays(7 * week).AddHours(12)));

        var insights = await Insights(app);
        var report = await Report(app, Week);
        var day = Assert.Single(insights, static one => one.Kind == KpiInsightKind.BusiestDay);
        var usual = Assert.Single(insights, static one => one.Kind == KpiInsightKind.UsualChange);
        var figure = report.Figures.Single(static one => one.Kpi.Name == "revenue");

        Assert.Contains("Thursday, 5 March 2026", day.Text, StringComparison.Ordinal);
        Assert.Equal(At(day: 3, hour: 0), day.From);
        Assert.Equal(
            At(day: 3, hour: 14),
            Assert.Single(insights, static one => one.Kind == KpiInsightKind.BusiestHour).From);
        Assert.True(usual.Value > usual.Reference);
        Assert.Contains("more than in the median of the 8 weeks before", usual.Text, StringComparison.Ordinal);
        Assert.Equal("Iceland", Assert.Single(insights, static one => one.Kind == KpiInsightKind.NewMember).Member);
        Assert.Equal("Malta", Assert.Single(insights, static one => one.Kind == KpiInsightKind.VanishedMember).Member);
        Assert.Equal(7, figure.Bars.Count);
        Assert.Equal(figure.Value, figure.Bars.Sum(static bar => bar.Value));
        Assert.Equal(figure.Value, figure.Members.Sum(static one => one.Value));
        Assert.Equal("France", figure.Members[0].Member);
    }

    [Fact]
    public async Task Members_that_reduce_a_figure_and_trends_are_found()
    {
        await using var app = await Start();
        for (var week = 0; week < Weeks; week++)
        {
            await app.Append("order-1", new Sold("Spain", 500m * week, SalesHistory.Monday.AddDays(7 * week)));
            await app.Append("order-2", new Sold("Returns", -300m, SalesHistory.Monday.AddDays(7 * week)));
        }

        var insights = await Insights(app);
        var reduction = Assert.Single(insights, static one => one.Kind == KpiInsightKind.Reduction);
        var trend = Assert.Single(insights, static one => one.Kind == KpiInsightKind.Trend);

        Assert.Equal(("Returns", -300m), (reduction.Member, reduction.Value));
        Assert.True(trend.Value > trend.Reference);
        Assert.Contains("in 9 weeks is rising", trend.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_figure_without_a_direction_has_no_trend()
    {
        await using var app = await Start();

        Assert.DoesNotContain(await Insights(app), static one => one.Kind == KpiInsightKind.Trend);
    }

    [Fact]
    public async Task A_week_that_has_not_ended_is_compared_with_the_same_part_of_the_week_before()
    {
        await using var app = await Start();
        _clock.Advance(Week.Monday.ToDateTime(TimeOnly.MinValue).AddDays(2).AddHours(12) - _clock.GetUtcNow().DateTime);

        var report = await Report(app, Week);
        var figure = report.Figures.Single(static one => one.Kpi.Name == "revenue");

        Assert.False(report.IsComplete);
        Assert.Equal(3, figure.Bars.Count);
        Assert.InRange(figure.Before!.Value, 0.9m * figure.Value!.Value, 1.1m * figure.Value.Value);
        Assert.Contains("has not ended", report.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_period_is_complete_at_its_end_and_not_before()
    {
        await using var app = await Start();
        var sunday = new DateTimeOffset(Week.Monday.AddDays(6).ToDateTime(new TimeOnly(23, 30)), TimeSpan.Zero);
        await app.Append("order-1", new Sold("France", 7m, sunday.AddMinutes(-5)));
        _clock.Advance(sunday - _clock.GetUtcNow());

        var early = await Report(app, Week);
        _clock.Advance(TimeSpan.FromMinutes(30));
        var complete = await Report(app, Week);

        Assert.Equal((false, sunday.AddMinutes(-30)), (early.IsComplete, early.Until));
        Assert.Equal((true, sunday.AddMinutes(30)), (complete.IsComplete, complete.Until));
        Assert.Equal(7m, ValueOf(complete) - ValueOf(early)); // The current hour is not contained.
    }

    [Fact]
    public async Task A_part_of_a_week_is_compared_in_local_time_when_the_clocks_change()
    {
        await using var app = await Start();
        await using var node = await InZone(app, "Europe/Berlin");
        var wednesday = new DateTimeOffset(2026, 4, 1, 10, 0, 0, TimeSpan.Zero); // 12 o'clock in summer.
        await app.Append("order-1", new Sold("France", 50m, wednesday.AddHours(-1)));
        await app.Append("order-1", new Sold("France", 100m, wednesday.AddDays(-7).AddMinutes(30))); // 11:30.
        await app.Append("order-1", new Sold("France", 1m, wednesday.AddDays(-7).AddHours(1))); // 12:00.
        _clock.Advance(wednesday.AddMinutes(20) - _clock.GetUtcNow());

        var report = await Report(app, KpiWeek.Parse("2026-W14"));
        var figure = report.Figures.Single(static one => one.Kpi.Name == "revenue");

        Assert.Equal((50m, 100m), (figure.Value, figure.Before));
    }

    [Fact]
    public async Task Each_hour_belongs_to_one_day_and_week_in_zones_with_half_hours()
    {
        await using var app = await Start();
        await using var node = await InZone(app, "Asia/Kolkata");
        var midnight = new DateTimeOffset(2026, 3, 1, 18, 30, 0, TimeSpan.Zero); // Of Monday there.
        foreach (var minutes in (int[])[-20, 20, 40])
            await app.Append("order-1", new Sold("France", 1_000m + minutes, midnight.AddMinutes(minutes)));

        var before = await Report(app, KpiWeek.Parse("2026-W09"));
        var after = await Report(app, KpiWeek.Parse("2026-W10"));
        var both = await Report(app, Week.Monday.AddDays(-7), days: 14);

        foreach (var report in (KpiReport[])[before, after, both])
            Assert.Equal(ValueOf(report), Figure(report).Bars.Sum(static bar => bar.Value));
        Assert.Equal(ValueOf(both), ValueOf(before) + ValueOf(after));
        Assert.Equal(midnight.AddMinutes(30), Figure(after).Bars[0].From);
        Assert.Equal(ValueOf(before), Figure(after).Before);
    }

    [Fact]
    public async Task The_page_needs_no_other_file_and_encodes_all_texts()
    {
        await using var app = await Start();
        await app.Append("order-1", new Sold("<script>alert(1)</script>", 5_000m, At(day: 1, hour: 10)));

        var html = (await Report(app, Week)).ToHtml();

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.Contains("<h1", html, StringComparison.Ordinal);
        Assert.Contains("Week 10 of 2026", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-W10", "2026-03-02")]
    [InlineData("2011-W49", "2011-12-05")]
    [InlineData("2020-W53", "2020-12-28")]
    public void A_week_starts_on_Monday(string text, string monday)
    {
        var week = KpiWeek.Parse(text);

        Assert.Equal(DateOnly.Parse(monday, System.Globalization.CultureInfo.InvariantCulture), week.Monday);
        Assert.Equal((text, week), (week.ToString(), KpiWeek.Of(week.Monday.AddDays(6))));
    }

    [Theory]
    [InlineData("2011-W54")]
    [InlineData("2011-W00")]
    [InlineData("2011-49")]
    [InlineData("")]
    public void Other_texts_are_no_weeks(string text) => Assert.False(KpiWeek.TryParse(text, out _));

    private static DateTimeOffset At(int day, int hour) =>
        new(Week.Monday.AddDays(day).ToDateTime(new TimeOnly(hour, 0)), TimeSpan.Zero);

    private static Task<KpiReport> Report(KpiApp app, KpiWeek week) => Report(app, week.Monday, days: 7);

    /// <summary>Creates a report with all events.</summary>
    private static async Task<KpiReport> Report(KpiApp app, DateOnly firstDay, int days)
    {
        await app.WaitForFigures();
        return await new KpiMonitorNode(app).Monitor.CreateReport(firstDay, firstDay.AddDays(days - 1));
    }

    /// <summary>Returns the streams of the largest events and of their cancellations.</summary>
    private static async Task<IEnumerable<string>> Cancellations(KpiApp app) =>
        (await Insights(app))
            .Where(static one => one.Kind == KpiInsightKind.LargestEvent)
            .Select(static one => string.Join(' ', one.Events.Select(static found => found.Stream)));

    private static KpiReportFigure Figure(KpiReport report) =>
        report.Figures.Single(static one => one.Kpi.Name == "revenue");

    private static decimal? ValueOf(KpiReport report) => Figure(report).Value;

    /// <summary>Starts a node that has declared its time zone.</summary>
    private static async Task<KpiMonitorNode> InZone(KpiApp app, string zone)
    {
        var node = new KpiMonitorNode(
            app, options => options.TimeZone = TimeZoneInfo.FindSystemTimeZoneById(zone));
        await node.Run();
        return node;
    }

    private static async Task<IReadOnlyList<KpiInsight>> Insights(KpiApp app)
    {
        var report = await Report(app, Week);
        return report.Figures.Single(static one => one.Kpi.Name == "revenue").Insights;
    }

    private async Task<KpiApp> Start()
    {
        var app = await KpiApp.Start(_file.Open(), time: _clock);
        await SalesHistory.Append(app, Weeks);
        _clock.Advance(SalesHistory.Monday.AddDays(7 * Weeks) - _clock.GetUtcNow());
        return app;
    }
}
