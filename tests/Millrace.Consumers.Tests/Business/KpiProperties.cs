using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>
/// Property tests. Figures that are updated live, back-filled by a new version, and rebuilt are the same documents, for
/// random orders of business times and over partitions, and equal a plain sum over the events.
/// </summary>
public sealed class KpiProperties
{
    private const int Hours = 6;
    private const int MaxMembers = 2;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly string?[] Countries = ["France", "Norway", "Spain", "Italy", null];

    private static readonly string[] Figures = ["revenue", .. Enum.GetValues<KpiKind>().Select(NameOf)];

    [Theory]
    [StoreKinds]
    public Task Live_back_filled_and_rebuilt_figures_are_the_same(StoreKind kind) =>
        BlockingProperty.Run(TestRun.IsLong ? 20 : 4, Histories(), async history =>
        {
            using var store = await SharedStore.Create(kind);
            return await Check(store, history);
        });

    private static Gen<History> Histories()
    {
        var sold = from minute in Gen.Choose(0, Hours * 60 - 1)
                   from pence in Gen.Choose(-10_000, 10_000)
                   from country in Gen.Choose(0, Countries.Length - 1)
                   from stream in Gen.Choose(0, 4)
                   select new Sale(stream, new Sold(Countries[country], pence / 100m, Start.AddMinutes(minute)));
        return from sales in sold.ListOf(60)
               from before in Gen.Choose(0, 60)
               from partitions in Gen.Elements(1, 3)
               select new History([.. sales], before, partitions);
    }

    private static async Task<bool> Check(SharedStore store, History history)
    {
        await Append(store, history.Sales.Take(history.Before)); // Before any node knows the figures.
        await using var live = await KpiApp.Start(
            store.Open(), partitions: history.Partitions, more: KindsOf(version: 1));
        var token = await Append(store, history.Sales.Skip(history.Before));
        var first = await AllDocuments(live, token, version: 1);
        await Compare(live, token, history);
        await CompareMembers(live, token, history);

        foreach (var figure in Figures)
            await live.Services.GetRequiredService<Projections>().Rebuild($"kpi-{figure}@1");
        var rebuilt = await AllDocuments(live, token, version: 1);
        await live.DisposeAsync();
        await using var next = await KpiApp.Start(store.Open(), version: 2, more: KindsOf(version: 2));
        var filled = await AllDocuments(next, token, version: 2);

        Assert.Equal(first, rebuilt);
        Assert.Equal(first, filled);
        return true;
    }

    /// <summary>Returns a figure of each kind with fewer members than there are countries.</summary>
    private static IReadOnlyList<KpiDefinition> KindsOf(int version) =>
    [
        .. Enum.GetValues<KpiKind>().Select(kind => new KpiDefinition
        {
            Name = NameOf(kind),
            Version = version,
            Kind = kind,
            Dimensions = ["country"],
            MaxMembers = MaxMembers,
            Events = [typeof(Sold)],
            Measure = (recorded, values) =>
            {
                if (recorded.Data is Sold sold)
                    values.Add(ValueOf(kind, sold).At(sold.At).By("country", sold.Country));
            },
        }),
    ];

    private static string NameOf(KpiKind kind) => $"sold-{kind.ToString().ToLowerInvariant()}";

    private static KpiValue ValueOf(KpiKind kind, Sold sold) => kind switch
    {
        KpiKind.Count => KpiValue.One,
        KpiKind.Ratio => KpiValue.Ratio(Math.Abs(sold.Amount), Math.Abs(sold.Amount) + 1),
        KpiKind.Duration => KpiValue.Of(TimeSpan.FromSeconds((double)Math.Abs(sold.Amount))),
        _ => KpiValue.Of(sold.Amount),
    };

    /// <summary>Compares the members of each kind with plain calculations.</summary>
    private static async Task CompareMembers(KpiApp app, ConsistencyToken token, History history)
    {
        foreach (var kind in Enum.GetValues<KpiKind>())
        {
            var query = KpiApp.Hours(NameOf(kind), Start, Start.AddHours(Hours), token);
            var whole = await app.Kpis.Read(query, CancellationToken.None);
            var members = await app.Kpis.ReadMembers(query with { Dimension = "country" }, CancellationToken.None);
            Assert.Equal(Calculate(kind, history.Sales.Select(static sale => sale.Sold)), whole.Total.Value);
            for (var hour = 0; hour < Hours; hour++)
            {
                var sold = history.Sales.Select(static sale => sale.Sold)
                    .Where(one => (int)(one.At - Start).TotalHours == hour).ToList();
                // The first members of an hour have their own values.
                var named = sold.Select(static one => one.Country ?? Kpis.NoMember)
                    .Distinct().Take(MaxMembers).ToList();
                var expected = sold.ToLookup(one => named.Find(name => name == (one.Country ?? Kpis.NoMember))
                    ?? Kpis.OtherMember);
                Assert.Equal(Calculate(kind, sold), whole.Points[hour].Value);
                Assert.Equal(
                    expected.Select(one => $"{one.Key} {one.Count()} {Calculate(kind, one):0.####################}")
                        .Order(StringComparer.Ordinal),
                    members.Where(one => one.Points[hour].Count > 0)
                        .Select(one => $"{one.Member} {one.Points[hour].Count} "
                            + $"{one.Points[hour].Value:0.####################}")
                        .Order(StringComparer.Ordinal));
            }
        }
    }

    private static decimal? Calculate(KpiKind kind, IEnumerable<Sold> sales)
    {
        var values = sales.Select(one => ValueOf(kind, one)).ToList();
        var sum = values.Sum(static one => one.Amount);
        if (kind is KpiKind.Sum or KpiKind.Count)
            return sum;
        var weight = kind == KpiKind.Ratio ? values.Sum(static one => one.Whole ?? 0) : values.Count;
        return weight == 0 ? null : sum / weight;
    }

    private static async Task<IReadOnlyList<string>> AllDocuments(KpiApp app, ConsistencyToken token, int version)
    {
        var all = new List<string>();
        foreach (var figure in Figures)
        {
            foreach (var document in await Documents(app, token, $"kpi-{figure}@{version}"))
                all.Add($"{figure} {document}");
        }
        return all;
    }

    private static async Task<ConsistencyToken> Append(SharedStore store, IEnumerable<Sale> sales)
    {
        await using var writer = await EventStore.Open(store.Open(), KpiApp.Types);
        foreach (var sale in sales)
            await writer.Append(new StreamId($"order-{sale.Stream}"), ExpectedVersion.Any, [sale.Sold]);
        return await writer.GetToken();
    }

    /// <summary>Compares the figures with sums over the events.</summary>
    private static async Task Compare(KpiApp app, ConsistencyToken token, History history)
    {
        var query = KpiApp.Hours("revenue", Start, Start.AddHours(Hours), token);
        var whole = await app.Kpis.Read(query, CancellationToken.None);
        var members = await app.Kpis.ReadMembers(query with { Dimension = "country" }, CancellationToken.None);
        for (var hour = 0; hour < Hours; hour++)
        {
            var sold = history.Sales
                .Select(static sale => sale.Sold)
                .Where(sold => (int)(sold.At - Start).TotalHours == hour)
                .ToList();
            Assert.Equal(sold.Sum(static one => one.Amount), whole.Points[hour].Value);
            Assert.Equal(sold.Count, whole.Points[hour].Count);
            Assert.Equal(sold.Sum(static one => one.Amount), members.Sum(one => one.Points[hour].Value));
            Assert.Equal(
                sold.Select(static one => Math.Abs(one.Amount)).Where(static one => one > 0).OrderDescending().Take(5),
                whole.Points[hour].Largest.Select(static one => Math.Abs(one.Value)));
        }
    }

    /// <summary>Returns the documents of a collection that contain a position, as JSON by key.</summary>
    private static async Task<IReadOnlyList<string>> Documents(KpiApp app, ConsistencyToken token, string collection)
    {
        Assert.True(await app.Services.GetRequiredService<Consumers>()
            .WaitFor(collection, token, TestNode.WaitTimeout));
        var query = new DocumentQuery { Collection = collection, Limit = 1_000 };
        var page = await app.Store.Storage.Documents.Query(query, CancellationToken.None);
        return
        [
            .. page.Documents.Select(static document =>
                $"{document.Key} {System.Text.Encoding.UTF8.GetString(document.Body.Span)}"),
        ];
    }

    private sealed record Sale(int Stream, Sold Sold);

    private sealed record History(IReadOnlyList<Sale> Sales, int Before, int Partitions);
}
