using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Commerce.Live.Stock;

namespace Commerce.Tests.Live;

/// <summary>Tests live stock by server-sent events over HTTP.</summary>
public sealed class StockEventsTests(RunningShop shop) : IClassFixture<RunningShop>, IDisposable
{
    // The limit is long, because other tests and builds share the processor.
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_client_gets_the_state_of_its_products_first_and_then_only_their_changes()
    {
        var (one, other, stranger) = (await Product(10), await Product(20), await Product(30));
        using var response = await Connect($"?key={one}&key={other}&key={one}");
        await using var events = Events(response);
        var states = new[] { await Next(events), await Next(events) };

        await Add(stranger);
        await Add(other);
        await Add(one);
        var changes = new[] { await Next(events), await Next(events) };

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(new[] { one, other }.Order(), states.Select(state => (string)state["subscribed"]!).Order());
        Assert.Equal([10, 20], states.Select(state => (int)state["state"]![0]!["available"]!).Order());
        Assert.Equal(
            [(other, 21), (one, 11)],
            changes.Select(change => ((string)change["product"]!, (int)change["available"]!)));
    }

    [Fact]
    public async Task A_client_that_reconnects_gets_the_state_again()
    {
        var product = await Product(1);
        using (var first = await Connect($"?key={product}"))
        await using (var events = Events(first))
            Assert.Equal(1, (int)(await Next(events))["state"]![0]!["available"]!);
        await Add(product);

        using var reconnected = await Connect($"?key={product}", lastEventId: "41");
        await using var eventsAfterReconnect = Events(reconnected);
        var state = await Next(eventsAfterReconnect);
        await Add(product);

        Assert.Equal(2, (int)state["state"]![0]!["available"]!);
        Assert.Equal(3, (int)(await Next(eventsAfterReconnect))["available"]!);
    }

    [Theory]
    [InlineData("", "?key=")]
    [InlineData("?key=7", "no id of a product")]
    [InlineData("?key=", "no id of a product")]
    public async Task An_invalid_request_is_refused(string query, string named)
    {
        using var answer = await Connect(query);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(named, await answer.Content.ReadAsStringAsync(_limit.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_for_too_many_products_is_refused()
    {
        var keys = Enumerable.Range(0, StockEvents.MaxKeys + 1).Select(_ => $"key={Guid.NewGuid()}").ToList();

        using var maximum = await Connect("?" + string.Join('&', keys.Take(StockEvents.MaxKeys)));
        using var tooMany = await Connect("?" + string.Join('&', keys));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (maximum.StatusCode, tooMany.StatusCode));
    }

    private static async Task<JsonNode> Next(IAsyncEnumerator<SseItem<string>> events)
    {
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("message", events.Current.EventType);
        return JsonNode.Parse(events.Current.Data)!;
    }

    private Task<string> Product(int quantity) => shop.GivenProduct(quantity: quantity);

    private async Task Add(string product) =>
        await RunningShop.Json(await shop.Post("/api/inventory", new { product, quantity = 1 }));

    private IAsyncEnumerator<SseItem<string>> Events(HttpResponseMessage response) =>
        SseParser.Create(response.Content.ReadAsStream(_limit.Token)).EnumerateAsync(_limit.Token).GetAsyncEnumerator();

    private async Task<HttpResponseMessage> Connect(string query, string? lastEventId = null)
    {
        var request = new HttpRequestMessage(
            HttpMethod.Get, new Uri(shop.Http.BaseAddress!, $"/api/live/stock/events{query}"));
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        return await new HttpMessageInvoker(new SocketsHttpHandler()).SendAsync(request, _limit.Token);
    }
}
