using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Browser.Tests;

/// <summary>Tests the page of live stock, which receives changes of the followed products over a WebSocket.</summary>
[Collection(ShopCollection.Name)]
public sealed class StockPageTests(Chromium browser, RunningShopFixture shop) : IDisposable
{
    private readonly Tour _tour = new(browser, shop);
    private readonly HttpClient _http = new() { BaseAddress = shop.Address };

    public void Dispose()
    {
        _tour.Dispose();
        _http.Dispose();
    }

    [BrowserFact]
    public async Task The_available_quantity_is_updated_while_a_product_is_followed()
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
    [DisplayModes]
    public async Task The_page_is_readable_and_fits_the_window(string mode)
    {
        await GivenProduct();
        await using var page = await _tour.Open("#/stock", "#stock tbody tr", DisplayMode.Of(mode));
        await page.Until("() => [...document.querySelectorAll('#stock b')].every(one => one.textContent !== '–')");
        await page.TakeScreenshot("stock-" + mode);

        Assert.Empty(await page.FindLowContrast(minContrast: 4.5, texts: 5));
        Assert.Empty(await page.FindOverflow());
        Assert.Empty(await page.FindUnnamed());
    }

    /// <summary>
    /// Creates a product at the top of the list and returns its id. The quantity is so large that the simulated staff
    /// does not order more.
    /// </summary>
    private async Task<string> GivenProduct()
    {
        var name = $"000 Anvil {Guid.NewGuid():N}"[..18];
        await Tour.SignIn(_http);
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
        var product = created.GetProperty("productId").GetString()!; // Every product has an id.
        await Eventually.Get( // The page requests its list once.
            () => _tour.Get("/api/products?page=1&pageSize=20"),
            list =>
                list.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetString() == product),
            Tour.WaitTimeout);
        await Eventually.Get( // The first stock of the product is added later.
            () => _tour.Get($"/api/products/{product}"),
            stock => stock.GetProperty("availableQuantity").GetInt32() == 100,
            Tour.WaitTimeout);
        return product;
    }

    private async Task Add(string product) =>
        (await _http.PostAsJsonAsync("/api/inventory", new { product, quantity = 1 })).EnsureSuccessStatusCode();
}
