using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Ways through the shop that several tests go: to views of the page, and to what they show.</summary>
public sealed class Tour(Chromium browser, ShopAtWork shop) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http = new() { BaseAddress = shop.Address };

    /// <summary>Opens a view by its address, and waits until it is drawn.</summary>
    public async Task<WatchedPage> Open(string hash, string until, Look? look = null)
    {
        var page = await browser.Open(new Uri(shop.Address, "/" + hash), look);
        try
        {
            await page.At(until).First.WaitForAsync();
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{hash} shows:\n{await page.Text("main")}\n{string.Join('\n', page.Errors)}", exception);
        }
        return page;
    }

    /// <summary>An order whose goods were delivered, and of which nothing was given back; its number.</summary>
    public async Task<string> DeliveredOrder()
    {
        var found = await Eventually.Is(
            async () => (await Get("/api/orders?status=delivered&pageSize=50")).GetProperty("items").EnumerateArray()
                .Where(order => !order.GetProperty("isTakenOver").GetBoolean())
                .Where(order => order.GetProperty("items").EnumerateArray().All(item => item.GetProperty("returned").GetInt32() == 0))
                .ToArray(),
            orders => orders.Length > 0,
            Patience);
        return found[0].GetProperty("number").GetString()!; // Every order has one.
    }

    /// <summary>
    /// An order to a country, as anybody may send one; its id. Its parcel is a dead letter where the carrier does not go.
    /// </summary>
    public async Task<string> OrderTo(string country)
    {
        var name = $"user-{Guid.NewGuid():N}"[..20];
        var customer = (await Post("/api/customers", new { username = name, email = $"{name}@example.com" })).GetProperty("customerId");
        var address = new { street = "1 Pillar Road", city = "Poseidonis", state = "Sea", postalCode = "0001", country };
        return (await Post("/api/orders", new { customer, address })).GetProperty("orderId").GetString()!; // Every order has one.
    }

    /// <summary>An order of a piece to a country, checked out with a card; its id.</summary>
    public async Task<string> CheckedOut(string country, string card)
    {
        var order = await OrderTo(country);
        var products = (await Get("/api/products?available=true&pageSize=100")).GetProperty("items").EnumerateArray();
        var product = products.First(found => found.GetProperty("status").GetString() == "active").GetProperty("id").GetString();
        await Post($"/api/orders/{order}/items", new { product, quantity = 1 });
        await Post($"/api/orders/{order}/checkout", new { card });
        return order;
    }

    /// <summary>The dead letter of an order's parcel, once it is parked; its number.</summary>
    public Task<long> LetterOf(string order, string consumer = "parcels@1") => LetterIn($"order-{order}", consumer);

    /// <summary>The dead letter of a stream, once it is parked; its number.</summary>
    public async Task<long> LetterIn(string stream, string consumer = "parcels@1")
    {
        var letters = await Eventually.Is(
            () => Get($"/millrace/dead-letters?stream={Uri.EscapeDataString(stream)}&state=parked&consumer={consumer}"),
            found => found.GetArrayLength() > 0,
            Patience);
        return letters[0].GetProperty("id").GetInt64();
    }

    /// <summary>
    /// The event that begins an order to a country, as another program may have written it; what it holds besides, this one does not know.
    /// </summary>
    public async Task<Guid> Foreign(string country, string besides = "", string? stream = null)
    {
        var order = Guid.CreateVersion7();
        var json = $$$"""
            {"order":"{{{order}}}","number":"F{{{order.ToString("N")[^9..]}}}","customer":"{{{Guid.CreateVersion7()}}}",
            "buyer":"somebody",{{{besides}}}
            "address":{"street":"1 Pillar Road","city":"Poseidonis","state":"Sea","postalCode":"0001","country":"{{{country}}}"},
            "occurredAt":"2026-01-02T03:04:05Z"}
            """;
        await shop.Append(stream ?? $"order-{order}", "order.created", json);
        return order;
    }

    /// <summary>A draft that somebody cannot decide about: its quantity is changed again and again; its number.</summary>
    /// <param name="events">How many events it has in the end; at least 3.</param>
    public async Task<string> LongOrder(int events)
    {
        var order = await OrderTo("France");
        var products = (await Get("/api/products?available=true&pageSize=100")).GetProperty("items").EnumerateArray();
        var product = products.First(found => found.GetProperty("status").GetString() == "active").GetProperty("id").GetString();
        await Post($"/api/orders/{order}/items", new { product, quantity = 1 });
        for (var quantity = 2; quantity < events; quantity++)
            await Send(HttpMethod.Put, $"/api/orders/{order}/items/{product}", new { quantity });
        var found = await Eventually.Is(
            () => Get($"/api/orders/{order}"),
            shown => shown.GetProperty("items")[0].GetProperty("quantity").GetInt32() == events - 1,
            Patience);
        return found.GetProperty("number").GetString()!; // Every order has one.
    }

    /// <summary>A read model, once it stands in a way.</summary>
    public Task<JsonElement> Model(string name, Func<JsonElement, bool> stands) =>
        Eventually.Is(() => Get($"/millrace/projections/{name}"), stands, Patience);

    /// <summary>Retries a letter with another country in its event.</summary>
    public async Task Correct(long letter, string from, string to)
    {
        var payload = (await Get($"/millrace/dead-letters/{letter}")).GetProperty("payload").GetRawText();
        var corrected = JsonSerializer.Deserialize<JsonElement>(payload.Replace(from, to, StringComparison.Ordinal));
        await Post($"/millrace/dead-letters/{letter}/edit", new { reason = "they meant " + to, payload = corrected });
        await Eventually.Is(
            () => Get($"/millrace/dead-letters/{letter}"), found => found.GetProperty("state").GetString() == "corrected", Patience);
    }

    /// <summary>Has a consumer take no more.</summary>
    public Task Pause(string consumer) => Post($"/millrace/consumers/{consumer}/pause", new { });

    /// <summary>Cancels an order: the carrier is to forget its parcel.</summary>
    public Task Cancel(string order) => Post($"/api/orders/{order}/cancel", new { reason = "it sank" });

    /// <summary>Settles every dead letter, so that the next test begins with none.</summary>
    public async Task SettleLetters() =>
        await Post("/millrace/dead-letters/replay?consumer=parcels@1", new { decision = "discard", reason = "the test is over" });

    public async Task<JsonElement> Get(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    public void Dispose() => _http.Dispose();

    private Task<JsonElement> Post(string path, object body) => Send(HttpMethod.Post, path, body);

    private async Task<JsonElement> Send(HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var answer = await _http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
