using Microsoft.Extensions.DependencyInjection;
using Millrace.Alerting;
using Millrace.Business;
using Millrace.Storage;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>
/// Tests the examination of figures without the lock of the monitor: of two nodes at the same time, with failures at
/// each step, with new members, and with changing history.
/// </summary>
public sealed class KpiExaminationTests : IDisposable
{
    private const string States = "kpi-detectors";
    private static readonly DateTimeOffset Unusual = SalesHistory.Monday.AddDays(7 * 8 + 2).AddHours(11);

    private readonly VirtualClock _clock = new();
    private readonly RecordedLog _log = new();
    private readonly ShopFile _file = new();

    public void Dispose()
    {
        _log.Dispose();
        _file.Dispose();
    }

    [Fact]
    public async Task Of_two_nodes_that_examine_the_same_hours_one_reports_an_anomaly()
    {
        var storage = new FaultyStorage(_file.Open());
        await using var first = await StartUntilUnusual(storage);
        await using var second = await KpiApp.Start(_file.Open(), time: _clock);
        await second.WaitForFigures(); // It needs no commit of the other node, which waits.
        var (one, two) = (Detection(first), Detection(second));
        var isNext = true;
        storage.FaultOf = request =>
        {
            if (isNext && IsOfDetection(request))
            {
                isNext = false;
                // Examines everything before the first commit of the other node.
                Task.Run(() => Run(two)).GetAwaiter().GetResult();
            }
            return CommitFault.None;
        };

        await Run(one);
        await Run(one);
        await Run(two);

        Assert.False(isNext);
        Assert.Equal([AlertOf(Unusual)], await Waiting(first));
        Assert.Contains(await Anomalies(first), static one => one.Hour == Unusual && one.Member is null);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public async Task An_anomaly_is_reported_once_if_a_part_cannot_be_stored(int failing, bool isInDoubt)
    {
        var storage = new FaultyStorage(_file.Open());
        await using var app = await StartUntilUnusual(storage);
        var (detection, commits) = (Detection(app), 0);
        storage.FaultOf = request => !IsOfDetection(request) || ++commits != failing ? CommitFault.None
            : isInDoubt ? CommitFault.InDoubt
            : CommitFault.Before;

        await Run(detection);
        Assert.Contains(_log.Exceptions, static one => one.Id == 26001);
        await Run(detection);
        await Run(Detection(app));

        Assert.Equal([AlertOf(Unusual)], await Waiting(app));
        Assert.Contains(await Anomalies(app), static one => one.Hour == Unusual && one.Member is null);
    }

    [Fact]
    public async Task An_anomaly_is_not_reported_again_after_an_interrupted_examination()
    {
        var storage = new FaultyStorage(_file.Open());
        await using var app = await StartUntilUnusual(storage);
        await Run(Detection(app));
        await Change(app, day: 43);
        var commits = 0;
        storage.FaultOf = request =>
            IsOfDetection(request) && ++commits > 1 ? CommitFault.Before : CommitFault.None; // After the first part.
        await Run(Detection(app));
        storage.FaultOf = static _ => CommitFault.None;
        var interrupted = (await Progress(app))!.Through;

        await Change(app, day: 20); // In the first part, so that the examination starts again.
        await Run(Detection(app));

        Assert.True(interrupted < Unusual);
        Assert.True((await Progress(app))!.Through > Unusual);
        Assert.Equal([AlertOf(Unusual)], await Waiting(app));
    }

    [Fact]
    public async Task A_new_member_is_examined_after_a_while()
    {
        await using var app = await KpiApp.Start(_file.Open(), time: _clock);
        await app.Append("order-1", new Sold("France", 50m, SalesHistory.Monday.AddHours(1)));
        await app.WaitForFigures();
        _clock.Advance(TimeSpan.FromHours(3));
        var detection = Detection(app, maxMembers: 2);
        await Run(detection);
        Assert.Equal(["France"], (await Progress(app))!.Members);
        await SalesHistory.Append(app, weeks: 10);
        await app.Append("order-9", new Sold("Norway", 2_000m, Unusual));
        await app.WaitForFigures();
        GoTo(SalesHistory.Monday.AddDays(70));

        await Run(detection);

        Assert.Equal(["France", "Norway"], (await Progress(app))!.Members);
        Assert.Contains(await Anomalies(app), static one => one.Hour == Unusual && one.Member == "Norway");
    }

    [Fact]
    public async Task Another_number_of_members_is_used_for_the_whole_history_without_notices()
    {
        await using var app = await StartUntilUnusual(_file.Open(), "Norway");
        await Run(Detection(app, maxMembers: 1));
        Assert.DoesNotContain(await Anomalies(app), static one => one.Member == "Norway");
        var waiting = await Waiting(app);

        await Run(Detection(app, maxMembers: 2));
        var anomalies = await Anomalies(app);
        await Run(Detection(app, maxMembers: 0));

        using var other = await SharedStore.Create(StoreKind.Sqlite);
        await using var whole = await StartUntilUnusual(other.Open(), "Norway");
        await Run(Detection(whole, maxMembers: 2));
        Assert.Contains(anomalies, static one => one.Hour == Unusual && one.Member == "Norway");
        Assert.Equal(TextsOf(await Anomalies(whole)), TextsOf(anomalies));
        Assert.Equal(waiting, await Waiting(app));
        Assert.Empty((await Progress(app))!.Members);
    }

    [Fact]
    public async Task An_import_of_old_history_is_examined_when_it_has_ended()
    {
        GoTo(SalesHistory.Monday.AddDays(2_000));
        await using var app = await KpiApp.Start(_file.Open(), time: _clock);
        var detection = Detection(app);
        for (var week = 0; week < 4; week++)
        {
            await SalesHistory.Append(app, weeks: 1, firstWeek: week);
            await app.WaitForFigures();
            await Run(detection);
            Assert.Null(await Progress(app));
            _clock.Advance(TimeSpan.FromMinutes(9));
        }

        await Run(detection);
        Assert.Null(await Progress(app));
        _clock.Advance(TimeSpan.FromMinutes(1));
        await Run(detection);

        Assert.Equal(SalesHistory.Monday.AddDays(25).AddHours(17), (await Progress(app))!.Through);
    }

    [Fact]
    public async Task Changed_hours_are_examined_again_at_most_once_an_hour()
    {
        await using var app = await StartUntilUnusual(_file.Open());
        var detection = Detection(app);
        await Run(detection);
        foreach (var (minutes, isExamined) in new[] { (60, true), (40, false), (30, true) })
        {
            _clock.Advance(TimeSpan.FromMinutes(minutes));
            await Change(app, day: 43);

            await Run(detection);

            var complete = KpiBucket.HourOf(_clock.GetUtcNow().AddMinutes(-10));
            Assert.Equal(isExamined, (await Progress(app))!.Through == complete);
        }
    }

    [Fact]
    public async Task A_figure_that_fails_is_logged_once_and_does_not_stop_the_others()
    {
        await using var app = await KpiApp.Start(_file.Open(), time: _clock);
        for (var hour = 0; hour < 2; hour++)
            await app.Append("order-1", new Sold("France", decimal.MaxValue, SalesHistory.Monday.AddHours(hour)));
        await app.Append("request-1", new Answered(true, 10, 5));
        await app.WaitForFigures();
        _clock.Advance(TimeSpan.FromHours(3));
        var detection = Detection(app);

        await Run(detection);
        await Run(detection);

        Assert.Null(await Progress(app));
        Assert.NotNull(await Progress(app, "satisfaction")); // Follows in the order of the names.
        Assert.IsType<OverflowException>(Assert.Single(_log.Exceptions).Exception);
    }

    [Fact]
    public async Task A_figure_with_missing_events_is_logged_once_and_examined_later()
    {
        await using var app = await StartUntilUnusual(_file.Open());
        await app.Pause("kpi-revenue@1", _clock);
        await app.Append("order-1", new Sold("France", 1m, SalesHistory.Monday.AddHours(10)));
        var detection = Detection(app, readTimeout: TimeSpan.FromSeconds(2));

        await _clock.WhileTimePasses(Run(detection));
        await _clock.WhileTimePasses(Run(detection));
        Assert.Null(await Progress(app));
        Assert.Single(_log.Entries, static one => one.Id == 26008);
        await app.Services.GetRequiredService<Consumers>().Resume("kpi-revenue@1");
        await _clock.WhileTimePasses(app.WaitForFigures());
        await Run(detection);

        Assert.NotNull(await Progress(app));
    }

    private static bool IsOfDetection(CommitRequest request) =>
        request.Documents.Any(static change => change.Collection == States);

    private Task Run(KpiDetection detection) => detection.Run(_clock.GetUtcNow(), CancellationToken.None);

    private KpiDetection Detection(KpiApp app, int maxMembers = 0, TimeSpan? readTimeout = null) => new(
        app.Store,
        app.Kpis,
        new KpiMonitorStore(app.Store),
        new KpiMonitorSetup(
            new KpiMonitorOptions { AlertChannels = ["office"], MaxMembers = maxMembers },
            new Dictionary<string, INotificationChannel>()),
        _log)
    {
        ReadTimeout = readTimeout ?? TestNode.WaitTimeout,
    };

    private static async Task<KpiDetectionRecord?> Progress(KpiApp app, string kpi = "revenue") =>
        (await new KpiMonitorStore(app.Store).FindProgress(kpi, CancellationToken.None))?.Value;

    private static async Task<IReadOnlyList<KpiAnomaly>> Anomalies(KpiApp app) =>
        await new KpiMonitorStore(app.Store).ReadAnomalies(
            new KpiAnomalyQuery { Kpi = "revenue", Limit = 1_000 }, CancellationToken.None);

    /// <summary>Returns the ids of the alerts that wait for the channel.</summary>
    private static async Task<IEnumerable<string>> Waiting(KpiApp app) =>
        (await new AlertStore(app.Store).FindQueue("office", CancellationToken.None)).Value.Items
            .Select(static item => item.Alert);

    private static string AlertOf(DateTimeOffset hour) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"revenue-{hour.UtcDateTime:yyyyMMddHH}");

    private static IEnumerable<string> TextsOf(IReadOnlyList<KpiAnomaly> anomalies) =>
        anomalies.Select(static one => $"{one.Hour:u} {one.Member} {one.Text}").Order(StringComparer.Ordinal);

    /// <summary>Adds a late event to an examined hour.</summary>
    private static async Task Change(KpiApp app, int day)
    {
        await app.Append("order-8", new Sold("France", 100m, SalesHistory.Monday.AddDays(day).AddHours(12)));
        await app.WaitForFigures();
    }

    private void GoTo(DateTimeOffset time) => _clock.Advance(time - _clock.GetUtcNow());

    /// <summary>Starts a node with a history of more than eight weeks, whose last complete hour is unusual.</summary>
    private async Task<KpiApp> StartUntilUnusual(IStorage storage, string country = "France")
    {
        var app = await KpiApp.Start(storage, time: _clock);
        await SalesHistory.Append(app, weeks: 10);
        await app.Append("order-9", new Sold(country, 2_000m, Unusual.AddMinutes(30)));
        await app.WaitForFigures();
        GoTo(Unusual.AddMinutes(90)); // After one complete hour.
        return app;
    }
}
