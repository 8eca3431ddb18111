using System.Net;
using System.Net.WebSockets;

namespace Commerce.Tests.Live;

public sealed class LiveStockTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private Uri Node => shop.Http.BaseAddress!; // The address exists, because the shop is running.

    [Fact]
    public async Task A_subscriber_gets_the_current_state_first_and_then_every_change()
    {
        var product = await shop.GivenProduct(quantity: 10);
        using var listener = await StockListener.Connect(Node);

        await listener.Subscribe(product);
        var state = await listener.Next();
        for (var i = 0; i < 5; i++)
            await Add(product);
        int[] changes = [await listener.Available(), await listener.Available(), await listener.Available()];
        var fourth = await listener.Next();

        Assert.Equal(product, state!["subscribed"]!.GetValue<string>());
        Assert.Equal(10, state["state"]![0]!["available"]!.GetValue<int>());
        Assert.Equal([11, 12, 13], changes);
        Assert.Equal(["product", "warehouse", "available", "time"], fourth!.AsObject().Select(member => member.Key));
        Assert.Equal(product, fourth["product"]!.GetValue<string>());
    }

    [Fact]
    public async Task No_change_is_missed_between_the_state_and_the_changes()
    {
        var product = await shop.GivenProduct(quantity: 1);
        const int Added = 60;
        var adding = Task.Run(async () =>
        {
            for (var i = 0; i < Added; i++)
                await Add(product);
        });

        var received = await Task.WhenAll(Enumerable.Range(0, 12).Select(async number =>
        {
            for (var i = 0; i < number; i++)
                // The requests delay each subscriber a little more than the previous one.
                await shop.Http.GetAsync("/health");
            using var listener = await StockListener.Connect(Node);
            await listener.Subscribe(product);
            var values = new List<int>();
            while (values.LastOrDefault() != 1 + Added)
                values.Add(await listener.Available());
            return values;
        }));
        await adding;

        Assert.All(received, values => Assert.Equal(Enumerable.Range(values[0], values.Count), values));
    }

    [Fact]
    public async Task Only_subscribers_get_changes_until_they_unsubscribe()
    {
        var (one, other) = (await shop.GivenProduct(quantity: 1), await shop.GivenProduct(quantity: 100));
        using var listener = await StockListener.Connect(Node);
        await listener.Subscribe(one, other);
        int[] states = [await listener.Available(), await listener.Available()];

        await listener.Unsubscribe(one);
        // The server answers in order, so the answer to this message follows the unsubscription.
        await listener.SendText("{}");
        Assert.NotNull((await listener.Next())!["warning"]);
        await Add(one);
        await Add(other);

        Assert.Equal([1, 100], states);
        Assert.Equal(101, await listener.Available());
    }

    [Theory]
    [InlineData("nonsense", "JSON")]
    [InlineData("[1]", "action")]
    [InlineData("""{"action": "delete", "product_ids": []}""", "action")]
    [InlineData("""{"action": 1}""", "action")]
    [InlineData("""{"action": "subscribe"}""", "product_ids")]
    [InlineData("""{"action": "subscribe", "product_ids": ["7"]}""", "product_ids")]
    public async Task An_invalid_message_causes_a_warning_and_the_connection_remains_open(string message, string named)
    {
        var product = await shop.GivenProduct(quantity: 3);
        using var listener = await StockListener.Connect(Node);

        await listener.SendText(message);
        var answer = await listener.Next();
        await listener.Subscribe(product);

        Assert.Contains(named, answer!["warning"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(3, await listener.Available());
    }

    [Fact]
    public async Task A_message_that_is_too_long_closes_the_connection()
    {
        using var listener = await StockListener.Connect(Node);

        await listener.SendText(new string('x', 70_000));

        Assert.Null(await listener.Next());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, listener.Socket.CloseStatus);
    }

    [Fact]
    public async Task A_request_that_is_not_a_WebSocket_is_refused()
    {
        var answer = await shop.Http.GetAsync("/api/live/stock");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task Add(string product) =>
        await RunningShop.Json(await shop.Post("/api/inventory", new { product, quantity = 1 }));
}
