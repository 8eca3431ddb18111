using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Steps of several tests, which open views of the shop and create their data.</summary>
public sealed class Tour(Chromium browser, RunningShopFixture shop) : IDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(120);

    private readonly HttpClient _http = new() { BaseAddress = shop.Address };
    private bool _isSignedIn;

    /// <summary>Opens a view by its address and waits until it is rendered.</summary>
    public async Task<WatchedPage> Open(string hash, string until, DisplayMode? mode = null)
    {
        var page = await browser.Open(new Uri(shop.Address, "/" + hash), mode);
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
    /// Creates a delivered order that does not change later and returns its number. The order dates from the older
    /// season, because the simulated customers only return recent orders.
    /// </summary>
    public async Task<string> DeliveredOrder()
    {
        if (shop.DeliveredOrder is { } known)
            return known;
        var product = await Product();
        var order = $"{await AppendForeignOrder("France", customer: await Customer())}";
        await WaitUntilVisible(order);
        await Post($"/api/orders/{order}/items", new { product, quantity = 2 });
        await Post($"/api/orders/{order}/checkout", new { card = "visa-4242" });
        await Eventually.Get(
            () => Get($"/api/orders/{order}/fulfilment"),
            result => result.GetProperty("tries") is { } tries && tries.GetArrayLength() == 1
                && tries[0].GetProperty("state").GetString() == "completed",
            WaitTimeout);
        var delivered = await Eventually.Get(
            () => Get($"/api/orders/{order}"),
            result => result.GetProperty("status").GetString() == "delivered",
            WaitTimeout);
        return shop.DeliveredOrder = delivered.GetProperty("number").GetString()!; // Every order has a number.
    }

    /// <summary>
    /// Creates an order to a country and returns its id when the page can show it. The parcel becomes a dead letter if
    /// the carrier does not deliver to the country.
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
        // Every order has an id.
        var order = (await Post("/api/orders", new { customer, address })).GetProperty("orderId").GetString()!;
        await WaitUntilVisible(order);
        return order;
    }

    /// <summary>Waits until the read model contains an order.</summary>
    public Task WaitUntilVisible(string order) => Eventually.Get(
        async () =>
        {
            await SignIn();
            using var answer = await _http.GetAsync($"/api/orders/{order}");
            return answer.StatusCode;
        },
        status => status == HttpStatusCode.OK,
        WaitTimeout);

    /// <summary>Creates an order of one product to a country, checks it out with a card and returns its id.</summary>
    public async Task<string> CheckedOutOrder(string country, string card)
    {
        var order = await OrderTo(country);
        await Post($"/api/orders/{order}/items", new { product = await Product(), quantity = 1 });
        await Post($"/api/orders/{order}/checkout", new { card });
        return order;
    }

    /// <summary>Waits until the parcel of an order is parked, and returns the number of the dead letter.</summary>
    public Task<long> DeadLetterOf(string order, string consumer = "parcels@2") =>
        DeadLetterInStream($"order-{order}", consumer);

    /// <summary>Waits until an event of a stream is parked, and returns the number of the dead letter.</summary>
    public async Task<long> DeadLetterInStream(string stream, string consumer = "parcels@2")
    {
        var letters = await Eventually.Get(
            () => Get($"/millrace/dead-letters?stream={Uri.EscapeDataString(stream)}&state=parked&consumer={consumer}"),
            result => result.GetArrayLength() > 0,
            WaitTimeout);
        return letters[0].GetProperty("id").GetInt64();
    }

    /// <summary>Waits until an event waits behind a dead letter.</summary>
    public Task WaitForWaitingEvent(long letter) =>
        Eventually.Get(
            () => Get($"/millrace/dead-letters/{letter}"),
            result => result.GetProperty("waitingCount").GetInt64() > 0,
            WaitTimeout);

    /// <summary>
    /// Appends the event that starts an order to a country, with additional members that the shop does not know, as
    /// another program may write it.
    /// </summary>
    public async Task<Guid> AppendForeignOrder(
        string country, string extra = "", string? stream = null, string? customer = null)
    {
        var order = Guid.CreateVersion7();
        var number = $"F{order.ToString("N")[^9..].ToUpperInvariant()}";
        var json = $$$"""
            {"order":"{{{order}}}","number":"{{{number}}}","customer":"{{{customer ?? $"{Guid.CreateVersion7()}"}}}",
            "buyer":"somebody",{{{extra}}}
            "address":{"street":"1 Pillar Road","city":"Poseidonis","state":"Sea","postalCode":"0001","country":"{{{country}}}"},
            "occurredAt":"2010-09-03T03:04:05Z"}
            """;
        await shop.Append(stream ?? $"order-{order}", "order.created", json);
        return order;
    }

    /// <summary>Creates a draft whose quantity changes with every event, and returns its number.</summary>
    /// <param name="events">The number of events, which is at least 3.</param>
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
        var result = await Eventually.Get(
            () => Get($"/api/orders/{order}"),
            shown => shown.GetProperty("items")[0].GetProperty("quantity").GetInt32() == events - 1,
            WaitTimeout);
        return result.GetProperty("number").GetString()!; // Every order has a number.
    }

    /// <summary>Waits until a read model satisfies a condition, and returns it.</summary>
    public Task<JsonElement> WaitForModel(string name, Func<JsonElement, bool> condition) =>
        Eventually.Get(() => Get($"/millrace/projections/{name}"), condition, WaitTimeout);

    /// <summary>Retries a dead letter with another country in its event.</summary>
    public async Task Correct(long letter, string from, string to)
    {
        var payload = (await Get($"/millrace/dead-letters/{letter}")).GetProperty("payload").GetRawText();
        var corrected = JsonSerializer.Deserialize<JsonElement>(payload.Replace(from, to, StringComparison.Ordinal));
        await Post($"/millrace/dead-letters/{letter}/edit", new { reason = "they meant " + to, payload = corrected });
        await Eventually.Get(
            () => Get($"/millrace/dead-letters/{letter}"),
            result => result.GetProperty("state").GetString() == "corrected",
            WaitTimeout);
    }

    /// <summary>Pauses a consumer.</summary>
    public Task Pause(string consumer) => Post($"/millrace/consumers/{consumer}/pause", new { });

    /// <summary>Cancels an order, so that the carrier no longer delivers its parcel.</summary>
    public Task Cancel(string order) => Post($"/api/orders/{order}/cancel", new { reason = "it sank" });

    /// <summary>Discards every dead letter, so that the next test starts without any.</summary>
    public async Task ResolveDeadLetters() =>
        await Post(
            "/millrace/dead-letters/replay?consumer=parcels@2",
            new { decision = "discard", reason = "the test is over" }
        );

    public async Task<JsonElement> Get(string path)
    {
        await SignIn();
        return await _http.GetFromJsonAsync<JsonElement>(path);
    }

    /// <summary>Creates a customer, and waits until the page can show it, if it must be visible.</summary>
    public async Task<(string Id, string Name)> GivenCustomer(bool isVisible = true)
    {
        var username = $"user-{Guid.NewGuid():N}"[..20];
        var created = await Post("/api/customers", new { username, email = $"{username}@example.com" });
        var id = created.GetProperty("customerId").GetString()!; // Every customer has an id.
        if (isVisible)
            await Eventually.Get(
                async () => (await _http.GetAsync($"/api/customers/{id}")).StatusCode,
                status => status == HttpStatusCode.OK,
                WaitTimeout);
        return (id, username);
    }

    /// <summary>Erases a customer.</summary>
    public Task Erase(string customer) =>
        Post($"/api/customers/{customer}/erasure", new { reason = "asked by letter" });

    /// <summary>Signs a client in as a manager who is also the operator.</summary>
    public static async Task SignIn(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("/api/session", new { roles = Chromium.Staff });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();

    private async Task SignIn()
    {
        if (!_isSignedIn)
            await SignIn(_http);
        _isSignedIn = true;
    }

    /// <summary>Creates a customer and returns the id.</summary>
    private async Task<string> Customer() => (await GivenCustomer(isVisible: false)).Id;

    /// <summary>
    /// Returns the id of the product with the largest stock, so that the simulated customers do not buy the last piece
    /// first.
    /// </summary>
    private async Task<string> Product()
    {
        var result = await Eventually.Get(
            async () => (await Get("/api/products?available=true&pageSize=100")).GetProperty("items").EnumerateArray()
                .Where(product => product.GetProperty("status").GetString() == "active").ToArray(),
            products => products.Length > 0, // The simulated staff has opened the shop.
            WaitTimeout);
        // Every product has an id.
        return result.MaxBy(product => product.GetProperty("available").GetInt64()).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> Post(string path, object body)
    {
        await SignIn();
        using var answer = await _http.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
