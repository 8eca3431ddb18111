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
        await page.At(until).First.WaitForAsync();
        return page;
    }

    /// <summary>An order that has come as far as its goods being delivered; its number.</summary>
    public async Task<string> DeliveredOrder()
    {
        var found = await Eventually.Is(
            async () => (await Get("/api/orders?status=delivered&pageSize=50")).GetProperty("items").EnumerateArray()
                .Where(order => !order.GetProperty("isTakenOver").GetBoolean()).ToArray(),
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

    /// <summary>The dead letter of an order's parcel, once it is parked; its number.</summary>
    public async Task<long> LetterOf(string order)
    {
        var letters = await Eventually.Is(
            () => Get($"/millrace/dead-letters?stream=order-{order}&state=parked"), found => found.GetArrayLength() > 0, Patience);
        return letters[0].GetProperty("id").GetInt64();
    }

    /// <summary>Cancels an order: the carrier is to forget its parcel.</summary>
    public Task Cancel(string order) => Post($"/api/orders/{order}/cancel", new { reason = "it sank" });

    /// <summary>Settles every dead letter, so that the next test begins with none.</summary>
    public async Task SettleLetters() =>
        await Post("/millrace/dead-letters/replay?consumer=parcels@1", new { decision = "discard", reason = "the test is over" });

    public async Task<JsonElement> Get(string path) => await _http.GetFromJsonAsync<JsonElement>(path);

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> Post(string path, object body)
    {
        var answer = await _http.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}
