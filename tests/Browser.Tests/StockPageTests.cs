using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Live stock: told over a WebSocket, followed and left product by product.</summary>
[Collection(ShopCollection.Name)]
public sealed class StockPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);
    private readonly HttpClient _http = new() { BaseAddress = shop.Address };

    public static TheoryData<string> DisplayModes => new(DisplayMode.All.Select(look => look.Name));

    public void Dispose()
    {
        _tour.Dispose();
        _http.Dispose();
    }

    [BrowserFact]
    public async Task What_is_available_moves_as_it_changes_until_a_product_is_left()
    {
        var product = await GivenProduct();
        await using var page = await _tour.Open("#/stock", $"#stock tr[data-key='{product}']");
        var row = $"#stock tr[data-key='{product}']";
        await page.Until($"() => document.querySelector(`{row} b`).textContent === '100'");

        await Add(product);
        await page.Until($"() => document.querySelector(`{row} b`).textContent === '101'");
        await page.At($"{row} button").ClickAsync();
        Assert.Equal("Follow", await page.Text($"{row} button"));
        await Add(product);
        await page.At($"{row} button").ClickAsync();
        await page.Until($"() => document.querySelector(`{row} b`).textContent === '102'");

        Assert.Equal("Live", await page.Text("#stockLink"));
        Assert.Empty(page.Errors);
        Assert.Empty(page.ExternalRequests);
    }

    [BrowserTheory]
    [MemberData(nameof(DisplayModes))]
    public async Task It_can_be_read_and_fits_the_window(string look)
    {
        await GivenProduct();
        await using var page = await _tour.Open("#/stock", "#stock tbody tr", DisplayMode.Of(look));
        await page.Until("() => [...document.querySelectorAll('#stock b')].every(one => one.textContent !== '–')");
        await page.TakeScreenshot("stock-" + look);

        Assert.Empty(await page.FindLowContrast(least: 4.5, texts: 5));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.Nameless());
    }

    /// <summary>
    /// A product that is at the head of the list; its id. There are so many of it that the simulated staff does not
    /// order more.
    /// </summary>
    private async Task<string> GivenProduct()
    {
        var name = $"000 Anvil {Guid.NewGuid():N}"[..18];
        var answer = await _http.PostAsJsonAsync(
            "/api/products",
            new
            {
                name,
                price = 10,
                initialQuantity = 100,
                category = "tools",
            }
        );
        answer.EnsureSuccessStatusCode();
        var created = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var product = created.GetProperty("productId").GetString()!; // A product has one.
        await Eventually.Is( // The page asks for its list once.
            () => _tour.Get("/api/products?page=1&pageSize=20"),
            found =>
                found.GetProperty("items").EnumerateArray().Any(one => one.GetProperty("id").GetString() == product),
            Tour.WaitTimeout);
        await Eventually.Is( // Its first stock follows it.
            () => _tour.Get($"/api/products/{product}"),
            found => found.GetProperty("availableQuantity").GetInt32() == 100,
            Tour.WaitTimeout);
        return product;
    }

    private async Task Add(string product) =>
        (await _http.PostAsJsonAsync("/api/inventory", new { product, quantity = 1 })).EnsureSuccessStatusCode();
}
