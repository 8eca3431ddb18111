namespace Millrace.Tests;

/// <summary>Aggregates, read models and consumers see today's events only, whatever was stored.</summary>
public sealed class ReadModelTests : IDisposable
{
    private static readonly Guid[] Orders = [.. Enumerable.Range(1, 40).Select(number => new Guid(number, 0, 0, new byte[8]))];

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_aggregate_sees_the_parts_of_old_events_and_keeps_the_version_of_its_stream()
    {
        await Before(Orders[0]);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        var order = await after.Aggregates.Load<After.Order, After.OrderId>(new(Orders[0]));
        order.Ship(After.Carrier.Van);
        var saved = await after.Aggregates.Save<After.Order, After.OrderId>(order);

        Assert.Equal((new After.Money(1m, "GBP"), "Mill Lane 1", "card"), (order.Total, order.Address, order.Method));
        Assert.Equal(6, saved!.Value.Version);
    }

    [Fact]
    public async Task What_follows_live_equals_what_is_rebuilt_and_what_is_checked()
    {
        await Before(Orders);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var token = default(ConsistencyToken);
        foreach (var order in Orders)
            token = await after.Append(order, new After.OrderNoted(new(order), ["now"]), new After.OrderPaid(new(order), "r2", "cash"));
        var live = await Documents(after, token);

        foreach (var collection in new[] { "orders@2", "addresses@1", "orders-now@1" })
        {
            var check = await after.Projections.Check(collection, Deployment.Patience);
            Assert.True(check.IsSound, $"{collection}: {string.Join("; ", check.Differences)}");
            Assert.True(check.Compared > 0);
        }
        await after.Projections.Rebuild("orders@2");
        await after.Projections.Rebuild("addresses@1");
        var rebuilt = await Documents(after, token);

        Assert.Equal(live, rebuilt);
        Assert.Contains(live, document => document.Contains("Mill Lane 1", StringComparison.Ordinal));
        Assert.Contains(live, document => document.Contains("Lines = 3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_inline_read_model_folds_the_parts_of_what_an_older_build_stored()
    {
        await Before(Orders[1]);
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        var token = await after.Append(Orders[1], new After.AddressGiven(new(Orders[1]), "Weir Road 2"));
        var row = await after.Model<After.OrderId, After.OrderRow>("orders-now").Get(new(Orders[1]), token);

        Assert.Equal(new After.OrderRow(new(Orders[1]), new(1m, "GBP"), "Weir Road 2", "r1 by card", null, 0), row.Value);
    }

    [Fact]
    public async Task A_consumer_is_handed_the_parts_of_the_types_that_it_asks_for_and_no_others()
    {
        await Before(Orders[2]);
        var seen = new System.Collections.Concurrent.ConcurrentQueue<(object Data, long Position)>();
        await using var after = await Deployment.Of<After.Shop>(_file.Path, millrace => millrace.AddConsumer(
            "post", EventFilter.OfTypes("order.address-given"), (recorded, _) =>
            {
                seen.Enqueue((recorded.Data, recorded.Position));
                return ValueTask.CompletedTask;
            }));

        var id = new After.OrderId(Orders[2]);
        var token = await after.Append(
            Orders[2], new After.OrderPlaced(id, new(5m, "EUR")), new After.AddressGiven(id, "Weir Road 2"));
        Assert.True(await after.Consumers.WaitFor("post", token, Deployment.Patience));

        Assert.Equal([(new After.AddressGiven(id, "Mill Lane 1"), 1L), (new After.AddressGiven(id, "Weir Road 2"), 7L)], seen);
    }

    private static async Task<List<string>> Documents(Deployment after, ConsistencyToken token)
    {
        var documents = new List<string>();
        foreach (var order in Orders)
            documents.Add((await after.Model<After.OrderId, After.OrderRow>("orders").Get(new(order), token)).Value!.ToString());
        documents.Add((await after.Model<string, After.AddressBook>("addresses").Get("Mill Lane 1", token)).Value!.ToString());
        return documents;
    }

    private async Task Before(params Guid[] orders)
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        foreach (var order in orders)
        {
            await before.Append(
                order,
                new Before.OrderCreated(order, 1m, "Mill Lane 1"),
                new Before.OrderViewed(order),
                new Before.OrderNoted(order, "one\ntwo"),
                new Before.OrderPaid(order, "r1"),
                new Before.OrderViewed(order));
        }
    }
}
