using System.Net.Http.Json;
using Millrace.AspNetCore;

namespace Commerce.Tests.Api;

/// <summary>Tests that the shop answers requests for products from its cache, and never with old data.</summary>
public sealed class ProductCacheTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Fact]
    public async Task A_page_is_cached_until_an_event_changes_its_product()
    {
        var (mug, cup) = (await shop.GivenProduct("Mug", 10), await shop.GivenProduct("Cup", 20));
        await Cached($"/api/products/{mug}");
        await Cached($"/api/products/{cup}");

        var changed = await shop.Http.PutAsJsonAsync($"/api/products/{mug}/price", new { price = 12 });
        var after = await shop.Get($"/api/products/{mug}", after: changed);
        var other = await shop.Http.GetAsync($"/api/products/{cup}");

        Assert.False(IsCached(after));
        Assert.Equal(12, (await RunningShop.Json(after))["price"]!.GetValue<decimal>());
        Assert.True(IsCached(other));
        Assert.Equal(12, (await RunningShop.Json(await Cached($"/api/products/{mug}")))["price"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task A_client_with_a_token_never_gets_an_older_answer()
    {
        var category = $"shelf-{Guid.NewGuid():N}";
        var list = $"/api/products?category={category}";
        var product = await shop.GivenProduct("Ant", 10, 5, category);
        for (var price = 11; price <= 20; price++)
        {
            await shop.Http.GetAsync(list); // Keeps the former answer in the cache.
            var changed = await shop.Http.PutAsJsonAsync($"/api/products/{product}/price", new { price });

            var listed = await RunningShop.Json(await shop.Get(list, after: changed));
            var page = await RunningShop.Json(await shop.Get($"/api/products/{product}", after: changed));

            Assert.Equal(price, listed["items"]![0]!["price"]!.GetValue<decimal>());
            Assert.Equal(price, page["price"]!.GetValue<decimal>());
        }
    }

    [Fact]
    public async Task Stock_and_attributes_are_never_older_than_the_token()
    {
        var category = $"shelf-{Guid.NewGuid():N}";
        var (list, product) = ($"/api/products?category={category}", await shop.GivenProduct("Bee", 10, 5, category));
        await Cached(list);
        await Cached($"/api/products/{product}");

        var added = await shop.Post("/api/inventory", new { product, quantity = 7 });
        var listed = await RunningShop.Json(await shop.Get(list, after: added));
        await Cached(list);
        var set = await shop.Http.PutAsJsonAsync($"/api/products/{product}/attributes/colour", new { value = "red" });
        var page = await RunningShop.Json(await shop.Get($"/api/products/{product}", after: set));

        Assert.Equal(12, listed["items"]![0]!["available"]!.GetValue<long>());
        Assert.Equal(12, page["availableQuantity"]!.GetValue<long>());
        Assert.Equal("red", page["attributes"]!["colour"]!.GetValue<string>());
        Assert.True(IsCached(await shop.Http.GetAsync(list))); // An attribute is not in the list.
    }

    /// <summary>Requests a path until the cache answers.</summary>
    private Task<HttpResponseMessage> Cached(string path) =>
        Eventually.Get(async () => await shop.Http.GetAsync(path), IsCached);

    private static bool IsCached(HttpResponseMessage response) => response.Headers.Contains(MillraceHeaders.Cache);
}
