namespace Millrace.Tests.Metrics;

/// <summary>Tests trials of alert rules on the stored history of metrics.</summary>
public sealed class AlertTrialTests
{
    private const string Rate = MonitorMetrics.EventRate;

    private readonly VirtualClock _clock = new();

    [Fact]
    public async Task A_trial_of_days_uses_each_stored_minute()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        var start = _clock.GetUtcNow();
        var peak = start.AddDays(3).AddHours(12).AddMinutes(59);
        for (var hour = 0; hour < 4 * 24; hour++)
        {
            for (var minute = 0; minute < 60; minute++)
            {
                var now = _clock.GetUtcNow();
                node.Add(now, (Rate, null, now >= peak && now < peak.AddMinutes(3) ? 11 : 1));
                _clock.Advance(TimeSpan.FromMinutes(1));
            }
            await node.Write(_clock.GetUtcNow());
        }
        var rule = new AlertRule { Name = "busy", Metric = Rate, Threshold = 10, For = TimeSpan.FromMinutes(2) };

        var trial = await Alerts.Of(node.Store).Try(rule, start.AddHours(-100));

        var alert = Assert.Single(trial.Alerts);
        Assert.Equal((peak.AddMinutes(2), peak.AddMinutes(4)), (alert.FiredAt, alert.ResolvedAt));
        Assert.Equal((4 * 24 * 60, TimeSpan.FromMinutes(1)), (trial.Points, trial.Resolution));
    }

    [Fact]
    public async Task A_trial_uses_hours_where_minutes_were_removed()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var node = await HistoryNode.Start(shared.Open(), "web", _clock);
        var start = _clock.GetUtcNow();
        for (var hour = 0; hour < 9 * 24; hour++)
        {
            node.Add(_clock.GetUtcNow(), (Rate, null, hour < 5 ? 11 : 1));
            _clock.Advance(TimeSpan.FromHours(1));
            await node.Write(_clock.GetUtcNow());
        }
        await node.Cleaner.Run(_clock.GetUtcNow(), CancellationToken.None);
        var rule = new AlertRule { Name = "busy", Metric = Rate, Threshold = 10, For = TimeSpan.FromHours(2) };

        var trial = await Alerts.Of(node.Store).Try(rule, start);

        Assert.Equal(start.AddHours(2), Assert.Single(trial.Alerts).FiredAt);
        Assert.Equal((9 * 24, TimeSpan.FromHours(1)), (trial.Points, trial.Resolution));
    }
}
