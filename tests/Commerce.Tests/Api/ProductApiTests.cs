using System.Net;
using System.Net.Http.Json;

namespace Commerce.Tests.Api;

public sealed class ProductApiTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Theory]
    [InlineData(29.99)]
    [InlineData(0.01)]
    public async Task A_product_is_created(decimal price)
    {
        var product = new { name = "Mug", description = "Holds tea.", price, currency = "USD", initialQuantity = 100 };

        var answer = await shop.Post("/api/products", product);

        var body = await RunningShop.Json(answer);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.NotNull(body["message"]);
        Assert.Equal($"/api/products/{body["productId"]}", answer.Headers.Location?.ToString());
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("Mug", 0)]
    [InlineData("Mug", -10)]
    public async Task A_product_without_name_or_price_is_a_bad_request(string name, decimal price)
    {
        var answer = await shop.Post("/api/products", new { name, price, initialQuantity = 1 });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("validation-failed", await RunningShop.Error(answer));
    }

    [Fact]
    public async Task A_client_reads_its_own_product()
    {
        var created = await shop.Post("/api/products", new { name = "Mug", price = 29.99, initialQuantity = 100 });
        var id = (await RunningShop.Json(created))["productId"]!.GetValue<string>();

        var product = await RunningShop.Json(await shop.Get($"/api/products/{id}", after: created));

        Assert.Equal(id, product["id"]!.GetValue<string>());
        Assert.Equal("Mug", product["name"]!.GetValue<string>());
        Assert.Equal(29.99m, product["price"]!.GetValue<decimal>());
        Assert.Equal("draft", product["status"]!.GetValue<string>());
        // The shop adds the first stock later.
        Assert.Equal("draft", (await shop.Stocked(id, 100))["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_unknown_product_is_not_found_and_an_invalid_product_id_is_a_bad_request()
    {
        var unknown = await shop.Http.GetAsync($"/api/products/{Guid.NewGuid()}");
        var invalid = await shop.Http.GetAsync("/api/products/nonsense");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (unknown.StatusCode, invalid.StatusCode));
    }

    [Fact]
    public async Task A_new_price_changes_the_product_and_an_equal_price_changes_nothing()
    {
        var path = $"/api/products/{await shop.GivenProduct(price: 10)}/price";

        var changed = await RunningShop.Json(await shop.Http.PutAsJsonAsync(path, new { price = 12 }));
        var same = await RunningShop.Json(await shop.Http.PutAsJsonAsync(path, new { price = 12 }));
        var zero = await shop.Http.PutAsJsonAsync(path, new { price = 0 });
        var unknown = await shop.Http.PutAsJsonAsync($"/api/products/{Guid.NewGuid()}/price", new { price = 1 });

        Assert.Equal("The price was changed.", changed["message"]!.GetValue<string>());
        Assert.Equal("no change", same["message"]!.GetValue<string>());
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NotFound), (zero.StatusCode, unknown.StatusCode));
    }

    [Fact]
    public async Task A_product_code_is_unique()
    {
        var first = await shop.Post("/api/products", new { name = "Mug", price = 1, sku = "ONLY-ONE" });
        var second = await shop.Post("/api/products", new { name = "Jug", price = 1, sku = "ONLY-ONE" });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Conflict), (first.StatusCode, second.StatusCode));
        Assert.Equal("taken", await RunningShop.Error(second));
    }

    [Fact]
    public async Task Products_are_listed_by_name_in_pages_and_filtered()
    {
        var category = $"shelf-{Guid.NewGuid():N}";
        await shop.GivenProduct("Cup", 30, 0, category);
        await shop.GivenProduct("Ant", 10, 5, category);
        await shop.GivenProduct("Bee", 20, 5, category);
        var last = await shop.Post("/api/products", new { name = "Dog", price = 40, initialQuantity = 1, category });
        await shop.Stocked((await RunningShop.Json(last))["productId"]!.GetValue<string>(), 1);
        async Task<string> Names(string query)
        {
            var page = await RunningShop.Json(await shop.Get($"/api/products?category={category}{query}", after: last));
            return $"{string.Join(' ', page["items"]!.AsArray().Select(item => item!["name"]))} of {page["total"]}";
        }

        Assert.Equal("Ant Bee Cup Dog of 4", await Names(""));
        Assert.Equal("Cup of 4", await Names("&page=3&page_size=1"));
        Assert.Equal("Bee Cup of 2", await Names("&min_price=20&max_price=30"));
        Assert.Equal("Ant Bee Dog of 3", await Names("&available=true"));
    }

    [Fact]
    public async Task Active_products_are_counted_by_category()
    {
        var category = $"shelf-{Guid.NewGuid():N}";
        await shop.GivenProduct("Ant", 10, 5, category);
        var bee = await shop.GivenProduct("Bee", 20, 7, category);
        var draft = await shop.Post("/api/products", new { name = "Cat", price = 30, category });

        var before = await Count(draft);
        var after = await Count(await shop.Post($"/api/products/{bee}/discontinue"));

        Assert.Equal(("2", "12"), before);
        Assert.Equal(("1", "5"), after);

        async Task<(string?, string?)> Count(HttpResponseMessage written)
        {
            var all = await RunningShop.Json(await shop.Get("/api/categories", after: written));
            var own = all.AsArray().Single(row => row!["name"]!.GetValue<string>() == category)!;
            return (own["products"]?.ToString(), own["available"]?.ToString());
        }
    }

    [Theory]
    [InlineData("page=0")]
    [InlineData("page_size=101")]
    [InlineData("min_price=cheap")]
    public async Task An_invalid_page_is_a_bad_request(string query)
    {
        var answer = await shop.Http.GetAsync($"/api/products?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_discontinued_product_cannot_be_activated()
    {
        var id = await shop.GivenProduct();
        await shop.Post($"/api/products/{id}/discontinue");

        var answer = await shop.Post($"/api/products/{id}/activate");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Equal("product-not-discontinued", await RunningShop.Error(answer));
    }

    [Fact]
    public async Task Health_OpenAPI_and_the_page_exist_and_unknown_routes_do_not()
    {
        Assert.Equal(HttpStatusCode.OK, (await shop.Http.GetAsync("/health")).StatusCode);
        var description = await RunningShop.Json(await shop.Http.GetAsync("/openapi/v1.json"));
        Assert.Contains("/api/orders/{order}/submit", description["paths"]!.AsObject().Select(path => path.Key));
        Assert.Contains("<main", await shop.Http.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal("not-found", await RunningShop.Error(await shop.Http.GetAsync("/api/nowhere")));
    }
}
