using Millrace.Business;
using Millrace.Business.Detection;

namespace Millrace.Tests;

/// <summary>Tests that a figure with more members than can be compared is examined without a comparison.</summary>
public sealed class KpiMemberLimitTests
{
    private const int Hours = 1_100;
    private const int Members = 1_000;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Only_members_with_a_detector_are_read()
    {
        var kpis = new Kpis(new ManyMembers(), TimeProvider.System);
        var info = Assert.Single(await kpis.List(CancellationToken.None));
        var query = new KpiQuery { Name = info.Name, From = Start, To = Start.AddHours(Hours) };
        var series = await kpis.Read(query, CancellationToken.None);
        var pass = new FigurePass(info, series, new FigureDetectors(["country-7"]), Start.AddYears(1), default);

        await Assert.ThrowsAsync<LimitExceededException>(
            () => kpis.ReadMembers(query with { Dimension = "country" }, CancellationToken.None));
        var read = await new FigureMembers(kpis, new KpiMonitorOptions())
            .Read(pass, series.Points, CancellationToken.None);

        var (member, isCompared) = Assert.Single(read!); // All events are contained.
        Assert.Equal(("country-7", Hours * 7m), (member.Member, member.Total.Value));
        Assert.False(isCompared);
    }

    /// <summary>A figure whose hours all have the same members.</summary>
    private sealed class ManyMembers : IKpiSource
    {
        private readonly Dictionary<string, KpiCell> _members = Enumerable.Range(1, Members).ToDictionary(
            static number => $"country-{number}", static number => new KpiCell { Sum = number, Count = 1 });

        public Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<KpiInfo>>(
                [new() { Name = "revenue", Kind = KpiKind.Sum, Dimensions = ["country"], Projection = "kpi-revenue" }]);

        public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) => default;

        public Task<KpiRange> GetRange(KpiInfo kpi, ReadAfter after, CancellationToken cancellationToken) =>
            Task.FromResult(new KpiRange(Start, Start.AddHours(Hours - 1), Freshness.Fresh));

        public Task<KpiBuckets> GetMany(
            KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken) =>
            Task.FromResult(new KpiBuckets([.. keys.Select(BucketOf)], Freshness.Fresh));

        private KpiBucket BucketOf(string key)
        {
            var hour = KpiBucket.HourIn(key)!.Value; // The reader asks for hours.
            return key == KpiBucket.KeyOf(hour, null)
                ? new KpiBucket { Start = hour, Kind = KpiKind.Sum, Total = new KpiCell { Sum = 1, Count = 1 } }
                : new KpiBucket { Start = hour, Kind = KpiKind.Sum, Dimension = "country", Members = _members };
        }
    }
}
