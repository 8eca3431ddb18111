using Millrace.Alerting;
using Millrace.Business;
using Millrace.Business.Detection;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>The maximum number of stored anomalies of a figure.</summary>
public sealed class AnomalyLimitTests
{
    private const string Kpi = "revenue";
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);

    private readonly KpiMonitorSetup _setup =
        new(new KpiMonitorOptions(), new Dictionary<string, INotificationChannel>());
    private int _hours;
    private long _version;

    [Fact]
    public async Task The_oldest_anomalies_are_removed_after_new_ones()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        var records = new KpiMonitorStore(store);
        await records.EnsureCollections(default);
        var (first, second) = (Create(), Create());

        await Commit(first, KpiMonitorStore.MaxAnomalies + 5);
        await first.RemoveOldest(Kpi, default);
        var kept = await records.ReadAnomalies(new KpiAnomalyQuery { Limit = KpiMonitor.MaxAnomalies }, default);
        Assert.Equal(Start.AddHours(5), kept[^1].Hour);
        Assert.Equal(KpiMonitorStore.MaxAnomalies, await Count());

        await Commit(second, 3); // This node stops before it removes the oldest ones.
        await Commit(first, 0);
        await first.RemoveOldest(Kpi, default);
        Assert.Equal(KpiMonitorStore.MaxAnomalies + 3, await Count());
        await Commit(first, 1);
        await first.RemoveOldest(Kpi, default);
        Assert.Equal(KpiMonitorStore.MaxAnomalies, await Count());

        await Commit(second, 1);
        await Create().RemoveOldest(Kpi, default);
        Assert.Equal(KpiMonitorStore.MaxAnomalies, await Count());

        AnomalyCommit Create() => new(records, _setup, new AlertStore(store));

        async Task<int> Count() => (await records.ReadAnomalyKeys(Kpi, default)).Count;
    }

    /// <summary>Commits anomalies of the next hours.</summary>
    private async Task Commit(AnomalyCommit commit, int count)
    {
        var anomalies = Enumerable.Range(_hours, count)
            .Select(hour => new KpiAnomaly { Kpi = Kpi, Hour = Start.AddHours(hour), Value = 1, Text = "Unusual." })
            .ToList();
        _hours += count;
        var end = Start.AddHours(_hours);
        var progress = new KpiDetectionRecord
        {
            Start = Start,
            Through = end,
            First = Start,
            Hash = "",
            NotifyFrom = end,
        };
        var version = await commit.TryCommit(
            new ExaminedHours(Kpi, progress, new FigureDetectors([]), anomalies, IsNew: false, end), _version, default);
        _version = Assert.NotNull(version);
    }
}
