using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Ways through the shop that several tests go: to views of the page, and to what they show.</summary>
public sealed class Tour(Chromium browser, RunningShopFixture shop) : IDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http = new() { BaseAddress = shop.Address };

    /// <summary>Opens a view by its address, and waits until it is drawn.</summary>
    public async Task<WatchedPage> Open(string hash, string until, DisplayMode? look = null)
    {
        var page = await browser.Open(new Uri(shop.Address, "/" + hash), look);
        try
        {
            await page.At(until).First.WaitForAsync();
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{hash} shows:\n{await page.Text("main")}\n{string.Join('\n', page.Errors)}", exception);
        }
        return page;
    }

    /// <summary>
    /// An order that was delivered, and to which nothing happens any more; its number. It was started in the older
    /// season: what the simulated customers give back, they ordered lately.
    /// </summary>
    public async Task<string> DeliveredOrder()
    {
        if (shop.DeliveredOrder is { } known)
            return known;
        var product = await Product();
        var order = $"{await Foreign("France", customer: await Customer())}";
        await WaitUntilVisible(order);
        await Post($"/api/orders/{order}/items", new { product, quantity = 2 });
        await Post($"/api/orders/{order}/checkout", new { card = "visa-4242" });
        await Eventually.Is(
            () => Get($"/api/orders/{order}/fulfilment"),
            found => found.GetProperty("tries") is { } tries && tries.GetArrayLength() == 1
                && tries[0].GetProperty("state").GetString() == "completed",
            WaitTimeout);
        var delivered = await Eventually.Is(
            () => Get($"/api/orders/{order}"),
            found => found.GetProperty("status").GetString() == "delivered",
            WaitTimeout);
        return shop.DeliveredOrder = delivered.GetProperty("number").GetString()!; // Every order has one.
    }

    /// <summary>
    /// An order to a country, like a customer's; its id, when the page can show it. Its parcel is a dead letter
    /// where the carrier does not go.
    /// </summary>
    public async Task<string> OrderTo(string country)
    {
        var customer = await Customer();
        var address = new
        {
            street = "1 Pillar Road",
            city = "Poseidonis",
            state = "Sea",
            postalCode = "0001",
            country,
        };
        // Every order has one.
        var order = (await Post("/api/orders", new { customer, address })).GetProperty("orderId").GetString()!;
        await WaitUntilVisible(order);
        return order;
    }

    /// <summary>Waits until the read model knows an order.</summary>
    public Task WaitUntilVisible(string order) => Eventually.Is(
        async () =>
        {
            using var answer = await _http.GetAsync($"/api/orders/{order}");
            return answer.StatusCode;
        },
        status => status == HttpStatusCode.OK,
        WaitTimeout);

    /// <summary>An order of a piece to a country, checked out with a card; its id.</summary>
    public async Task<string> CheckedOut(string country, string card)
    {
        var order = await OrderTo(country);
        await Post($"/api/orders/{order}/items", new { product = await Product(), quantity = 1 });
        await Post($"/api/orders/{order}/checkout", new { card });
        return order;
    }

    /// <summary>The dead letter of an order's parcel, once it is parked; its number.</summary>
    public Task<long> DeadLetterOf(string order, string consumer = "parcels@1") =>
        DeadLetterInStream($"order-{order}", consumer);

    /// <summary>The dead letter of a stream, once it is parked; its number.</summary>
    public async Task<long> DeadLetterInStream(string stream, string consumer = "parcels@1")
    {
        var letters = await Eventually.Is(
            () => Get($"/millrace/dead-letters?stream={Uri.EscapeDataString(stream)}&state=parked&consumer={consumer}"),
            found => found.GetArrayLength() > 0,
            WaitTimeout);
        return letters[0].GetProperty("id").GetInt64();
    }

    /// <summary>Waits until an event waits behind a letter.</summary>
    public Task Waiting(long letter) =>
        Eventually.Is(
            () => Get($"/millrace/dead-letters/{letter}"),
            found => found.GetProperty("waitingCount").GetInt64() > 0,
            WaitTimeout);

    /// <summary>
    /// The event that starts an order to a country, as another program may have written it; what it holds besides, this
    /// one does not know.
    /// </summary>
    public async Task<Guid> Foreign(string country, string besides = "", string? stream = null, string? customer = null)
    {
        var order = Guid.CreateVersion7();
        var number = $"F{order.ToString("N")[^9..].ToUpperInvariant()}";
        var json = $$$"""
            {"order":"{{{order}}}","number":"{{{number}}}","customer":"{{{customer ?? $"{Guid.CreateVersion7()}"}}}",
            "buyer":"somebody",{{{besides}}}
            "address":{"street":"1 Pillar Road","city":"Poseidonis","state":"Sea","postalCode":"0001","country":"{{{country}}}"},
            "occurredAt":"2010-09-03T03:04:05Z"}
            """;
        await shop.Append(stream ?? $"order-{order}", "order.created", json);
        return order;
    }

    /// <summary>A draft of an undecided customer: its quantity is changed again and again; its
    /// number.</summary>
    /// <param name="events">How many events it has in the end; at least 3.</param>
    public async Task<string> LongOrder(int events)
    {
        var order = await OrderTo("France");
        await Post($"/api/orders/{order}/items", new { product = await Product(), quantity = 1 });
        var added = (await Get($"/millrace/streams?stream=order-{order}")).GetProperty("events")[1].GetProperty("data");
        var (product, price) = (added.GetProperty("product").GetRawText(), added.GetProperty("unitPrice").GetRawText());
        await shop.Append($"order-{order}", "order.item-quantity-changed",
        [
            .. Enumerable.Range(2, events - 2).Select(quantity => $$"""
                {"order":"{{order}}","product":{{product}},"unitPrice":{{price}},"quantity":{{quantity}},
                "occurredAt":"2010-09-03T03:04:05Z"}
                """),
        ]);
        var found = await Eventually.Is(
            () => Get($"/api/orders/{order}"),
            shown => shown.GetProperty("items")[0].GetProperty("quantity").GetInt32() == events - 1,
            WaitTimeout);
        return found.GetProperty("number").GetString()!; // Every order has one.
    }

    /// <summary>A read model, once it is in a way.</summary>
    public Task<JsonElement> Model(string name, Func<JsonElement, bool> stands) =>
        Eventually.Is(() => Get($"/millrace/projections/{name}"), stands, WaitTimeout);

    /// <summary>Retries a letter with another country in its event.</summary>
    public async Task Correct(long letter, string from, string to)
    {
        var payload = (await Get($"/millrace/dead-letters/{letter}")).GetProperty("payload").GetRawText();
        var corrected = JsonSerializer.Deserialize<JsonElement>(payload.Replace(from, to, StringComparison.Ordinal));
        await Post($"/millrace/dead-letters/{letter}/edit", new { reason = "they meant " + to, payload = corrected });
        await Eventually.Is(
            () => Get($"/millrace/dead-letters/{letter}"),
            found => found.GetProperty("state").GetString() == "corrected",
            WaitTimeout);
    }

    /// <summary>Has a consumer take no more.</summary>
    public Task Pause(string consumer) => Post($"/millrace/consumers/{consumer}/pause", new { });

    /// <summary>Cancels an order: the carrier is to forget its parcel.</summary>
    public Task Cancel(string order) => Post($"/api/orders/{order}/cancel", new { reason = "it sank" });

    /// <summary>Settles every dead letter, so that the next test starts with none.</summary>
    public async Task ResolveDeadLetters() =>
        await Post(
            "/millrace/dead-letters/replay?consumer=parcels@1",
            new { decision = "discard", reason = "the test is over" }
        );

    public async Task<JsonElement> Get(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    public void Dispose() => _http.Dispose();

    /// <summary>A new customer; the id.</summary>
    private async Task<string> Customer()
    {
        var username = $"user-{Guid.NewGuid():N}"[..20];
        var made = await Post("/api/customers", new { username, email = $"{username}@example.com" });
        return made.GetProperty("customerId").GetString()!; // Every customer has one.
    }

    /// <summary>
    /// The product on sale of which there is most, so that the simulated customers do not buy the last piece first; its
    /// id.
    /// </summary>
    private async Task<string> Product()
    {
        var found = await Eventually.Is(
            async () => (await Get("/api/products?available=true&pageSize=100")).GetProperty("items").EnumerateArray()
                .Where(product => product.GetProperty("status").GetString() == "active").ToArray(),
            products => products.Length > 0, // The simulated staff have opened the shop.
            WaitTimeout);
        // As above.
        return found.MaxBy(product => product.GetProperty("available").GetInt64()).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> Post(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
