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

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly string?[] Countries = ["France", "Norway", "Spain", "Italy", null];

    public static TheoryData<StoreKind> Kinds => SharedStore.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
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
        await using var live = await KpiApp.Start(store.Open(), partitions: history.Partitions);
        var token = await Append(store, history.Sales.Skip(history.Before));
        var first = await Documents(live, token, "kpi-revenue@1");
        await Compare(live, token, history);

        await live.Services.GetRequiredService<Projections>().Rebuild("kpi-revenue@1");
        var rebuilt = await Documents(live, token, "kpi-revenue@1");
        await live.DisposeAsync();
        await using var next = await KpiApp.Start(store.Open(), version: 2);
        var filled = await Documents(next, token, "kpi-revenue@2");

        Assert.Equal(first, rebuilt);
        Assert.Equal(first, filled);
        return true;
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
