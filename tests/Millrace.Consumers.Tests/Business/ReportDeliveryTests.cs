using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Business;
using Millrace.Business.Findings;
using Millrace.Business.WeeklyReports;
using Millrace.Storage;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>
/// Tests the delivery of reports without the lock of the monitor: of two nodes at the same time, and with failures at
/// each step.
/// </summary>
public sealed class ReportDeliveryTests : IDisposable
{
    private static readonly DateOnly FirstDay = new(2026, 1, 5);

    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();
    private readonly ReportChannel _office = new("office");
    private readonly ReportChannel _boss = new("boss");

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Of_two_nodes_without_a_lock_one_sends()
    {
        await using var app = await Start();
        var (one, two) = (Mailer(app), Mailer(app));
        await Request(app);
        _office.BeforeAnswer = () => Run(two).GetAwaiter().GetResult(); // While the first one sends.

        await Run(one);
        _clock.Advance(TimeSpan.FromHours(2));
        await Task.WhenAll(Run(one), Run(two));

        Assert.Equal((1, 1), (_office.Attempts.Count, _boss.Attempts.Count));
        Assert.NotNull((await Find(app)).EndedAt);
    }

    [Fact]
    public async Task A_channel_that_has_accepted_a_report_is_stored_before_the_next_one_is_called()
    {
        await using var app = await Start();
        await Request(app);
        using var crash = new CancellationTokenSource();
        _boss.BeforeAnswer = crash.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Mailer(app).Run(_clock.GetUtcNow(), crash.Token));
        _boss.BeforeAnswer = static () => { };
        _clock.Advance(TimeSpan.FromHours(1));
        await Run(Mailer(app)); // Another node.

        Assert.Equal((1, 1), (_office.Attempts.Count, _boss.Attempts.Count));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task A_report_is_sent_once_if_a_state_cannot_be_stored(int accepted, bool isInDoubt)
    {
        var storage = new FaultyStorage(_file.Open());
        await using var app = await Start(storage);
        await Request(app);
        var mailer = Mailer(app);
        storage.FaultOf = request => request.Documents.Any(static one => one.Collection == "kpi-monitor")
            && _office.Attempts.Count + _boss.Attempts.Count == accepted
            ? isInDoubt ? CommitFault.InDoubt : CommitFault.Before
            : CommitFault.None;

        await Assert.ThrowsAnyAsync<StorageException>(() => Run(mailer));
        storage.FaultOf = static _ => CommitFault.None;
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromHours(1));
            await Run(mailer);
        }

        Assert.Equal((1, 1), (_office.Attempts.Count, _boss.Attempts.Count));
        Assert.NotNull((await Find(app)).EndedAt);
    }

    [Fact]
    public async Task A_report_waits_for_missing_events_and_is_sent_with_a_note_in_the_end()
    {
        await using var app = await Start();
        await app.Pause("kpi-revenue@1", _clock);
        await app.Append("order-9", new Sold("France", 1_000m, SalesHistory.Monday.AddHours(10)));
        await Request(app);
        var mailer = Mailer(app);

        await _clock.WhileTimePasses(Run(mailer));
        Assert.Empty(_office.Reports);
        Assert.Contains("do not contain all events", (await Find(app)).Error, StringComparison.Ordinal);
        _clock.Advance(ReportMailer.MaxPostponement);
        await _clock.WhileTimePasses(Run(mailer));

        var report = Assert.Single(_office.Reports);
        Assert.Contains("The newest events are not counted yet", report.Text, StringComparison.Ordinal);
        Assert.Contains("The newest events are not counted yet", report.Html, StringComparison.Ordinal);
        Assert.NotNull((await Find(app)).EndedAt);
    }

    [Fact]
    public async Task A_report_that_waits_for_events_is_sent_without_a_note_when_they_are_counted()
    {
        await using var app = await Start();
        await app.Pause("kpi-revenue@1", _clock);
        await app.Append("order-9", new Sold("France", 1_000m, SalesHistory.Monday.AddHours(10)));
        await app.WaitForFigures("revenue");
        await Request(app);
        var mailer = Mailer(app);
        await _clock.WhileTimePasses(Run(mailer));
        await app.Services.GetRequiredService<Consumers>().Resume("kpi-revenue@1");
        await _clock.WhileTimePasses(app.WaitForFigures());

        _clock.Advance(TimeSpan.FromMinutes(10));
        await _clock.WhileTimePasses(Run(mailer));

        Assert.DoesNotContain("Note:", Assert.Single(_office.Reports).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_cannot_be_created_is_dropped_after_a_day()
    {
        await using var app = await Start();
        var impossible = new KpiPeriod(DateOnly.MinValue, DateOnly.MinValue.AddDays(7), TimeZoneInfo.Utc);
        await Request(app, impossible);
        var mailer = Mailer(app);

        await Run(mailer);
        var failed = await Find(app);
        _clock.Advance(ReportMailer.MaxAge);
        await Run(mailer);
        var ended = await Find(app);

        Assert.Equal(1, failed.Failures);
        Assert.Null(failed.EndedAt);
        Assert.Contains("ArgumentOutOfRangeException", failed.Error, StringComparison.Ordinal);
        Assert.NotNull(ended.EndedAt);
        Assert.Empty(_office.Attempts);
    }

    [Fact]
    public async Task A_figure_that_cannot_be_read_does_not_prevent_the_others()
    {
        await using var app = await Start();
        await app.Append("order-9", new Sold("France", decimal.MaxValue, SalesHistory.Monday.AddHours(3)));
        await app.Append("order-9", new Sold("France", decimal.MaxValue, SalesHistory.Monday.AddHours(4)));
        await app.WaitForFigures();
        await Request(app);

        await Run(Mailer(app));

        var text = Assert.Single(_office.Reports).Text;
        Assert.Contains("REVENUE: unknown\nNote: The figure could not be read: Over", text, StringComparison.Ordinal);
        Assert.Contains("SATISFACTION: no events", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_channels_a_requested_report_ends()
    {
        await using var app = await Start();
        await Request(app);

        await Run(Mailer(app, channels: []));
        var ended = await Find(app);
        await Run(Mailer(app));

        Assert.Equal("No channel for reports is left.", ended.Error);
        Assert.NotNull(ended.EndedAt);
        Assert.Empty(_office.Attempts);
    }

    private Task Run(ReportMailer mailer) => mailer.Run(_clock.GetUtcNow(), CancellationToken.None);

    private ReportMailer Mailer(KpiApp app) => Mailer(app, ["office", "boss"]);

    private ReportMailer Mailer(KpiApp app, string[] channels)
    {
        var records = new KpiMonitorStore(app.Store);
        var all = new Dictionary<string, INotificationChannel> { ["office"] = _office, ["boss"] = _boss };
        return new ReportMailer(
            new ReportBuilder(app.Kpis, records, _clock),
            records,
            new KpiMonitorSetup(new KpiMonitorOptions { ReportChannels = channels }, all),
            NullLogger.Instance)
        {
            ReadTimeout = TimeSpan.FromSeconds(5), // After a step of the clock, leases are acquired again.
        };
    }

    private Task Request(KpiApp app) => Request(app, new KpiPeriod(FirstDay, FirstDay.AddDays(7), TimeZoneInfo.Utc));

    private async Task Request(KpiApp app, KpiPeriod period)
    {
        var records = new KpiMonitorStore(app.Store);
        await records.EnsureCollections(CancellationToken.None);
        var mail = ReportMailer.MailOf(period, "ada", ["office", "boss"], _clock.GetUtcNow());
        var (_, conflict) = await records.TryCommit([KpiMonitorStore.Change(mail, 0)], CancellationToken.None);
        Assert.Null(conflict);
    }

    private static async Task<KpiMailRecord> Find(KpiApp app) =>
        (await new KpiMonitorStore(app.Store).FindRequest(CancellationToken.None))!.Value; // It was requested.

    private async Task<KpiApp> Start(IStorage? storage = null)
    {
        var app = await KpiApp.Start(storage ?? _file.Open(), time: _clock);
        await SalesHistory.Append(app, weeks: 1);
        _clock.Advance(TimeSpan.FromDays(8));
        await app.WaitForFigures();
        return app;
    }
}
