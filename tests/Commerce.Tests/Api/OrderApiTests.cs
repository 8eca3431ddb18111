using System.Net;
using System.Net.Http.Json;

namespace Commerce.Tests.Api;

public sealed class OrderApiTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Fact]
    public async Task An_order_is_delivered_and_the_goods_leave_the_warehouse()
    {
        var product = await shop.GivenProduct(price: 10, quantity: 100);
        var order = await shop.GivenOrder(product, quantity: 3);

        var submitted = await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));
        var paid = await shop.Post("/api/payments", new { order, amount = 30, transactionId = "tx-1" });
        Assert.Equal(HttpStatusCode.Created, paid.StatusCode);
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/process"));
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/ship", new { trackingCode = "TRACK-1" }));
        var delivered = await shop.Post($"/api/orders/{order}/deliver");

        Assert.Equal(30, submitted["due"]!.GetValue<decimal>());
        var view = await RunningShop.Json(await shop.Get($"/api/orders/{order}", after: delivered));
        Assert.Equal(
            ("delivered", "TRACK-1"), (view["status"]!.GetValue<string>(), view["trackingCode"]!.GetValue<string>()));
        Assert.Equal(97, await Available(product, delivered));
    }

    [Fact]
    public async Task An_order_is_found_by_its_number_and_by_its_customer()
    {
        var order = await shop.GivenOrder(await shop.GivenProduct());
        var submitted = await shop.Post($"/api/orders/{order}/submit");
        var number = (await RunningShop.Json(submitted))["number"]!.GetValue<string>();

        var found = await RunningShop.Json(await shop.Get($"/api/orders/{number}", after: submitted));
        var listed = await RunningShop.Json(
            await shop.Get($"/api/orders?customer={found["customer"]}", after: submitted));

        Assert.Equal(order, found["id"]!.GetValue<string>());
        Assert.Equal(1, listed["total"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_unknown_order_is_not_found_and_an_invalid_order_id_is_a_bad_request()
    {
        var unknown = await shop.Http.GetAsync($"/api/orders/{Guid.NewGuid()}");
        var number = await shop.Http.GetAsync("/api/orders/999999");
        var invalid = await shop.Http.GetAsync("/api/orders/nonsense");

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (unknown.StatusCode, number.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, invalid.StatusCode);
    }

    [Fact]
    public async Task Items_change_only_while_the_order_is_a_draft()
    {
        var (product, other) = (await shop.GivenProduct(price: 10), await shop.GivenProduct(price: 5));
        var order = await shop.GivenOrder(product, quantity: 1);

        await RunningShop.Json(await shop.Post($"/api/orders/{order}/items", new { product = other, quantity = 4 }));
        await RunningShop.Json(
            await shop.Http.PutAsJsonAsync($"/api/orders/{order}/items/{other}", new { quantity = 2 }));
        var removed = await RunningShop.Json(await shop.Http.DeleteAsync($"/api/orders/{order}/items/{product}"));
        Assert.Equal(10, removed["total"]!.GetValue<decimal>());
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));
        var late = await shop.Post($"/api/orders/{order}/items", new { product, quantity = 1 });

        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
        Assert.Equal("order-draft", await RunningShop.Error(late));
    }

    [Fact]
    public async Task Without_stock_for_every_line_nothing_is_reserved()
    {
        var (plenty, scarce) = (await shop.GivenProduct(quantity: 10), await shop.GivenProduct(quantity: 1));
        var order = await shop.GivenOrder(plenty, quantity: 5);
        var added = await shop.Post($"/api/orders/{order}/items", new { product = scarce, quantity = 2 });

        var answer = await shop.Post($"/api/orders/{order}/submit");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("sufficient-stock", await RunningShop.Error(answer));
        Assert.Equal(10, await Available(plenty, added));
    }

    [Fact]
    public async Task A_cancelled_order_returns_stock_and_money()
    {
        var product = await shop.GivenProduct(price: 10, quantity: 10);
        var order = await shop.GivenOrder(product, quantity: 4);
        await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));
        var paid = await RunningShop.Json(
            await shop.Post(
                "/api/payments",
                new
                {
                    order,
                    amount = 40,
                    transactionId = "tx-2",
                }
            )
        );

        var cancelled = await shop.Post($"/api/orders/{order}/cancel", new { reason = "changed my mind" });
        var again = await shop.Post($"/api/orders/{order}/cancel", new { reason = "really" });

        Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal(10, await Available(product, cancelled));
        var payment = await RunningShop.Json(await shop.Get($"/api/payments/{paid["payment"]}", after: cancelled));
        Assert.Equal("refunded", payment["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_wrong_amount_is_refused()
    {
        var order = await shop.GivenOrder(await shop.GivenProduct(price: 10), quantity: 1);
        await shop.Post($"/api/orders/{order}/submit");

        var answer = await shop.Post("/api/payments", new { order, amount = 9.99, transactionId = "tx-3" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("valid-payment-amount", await RunningShop.Error(answer));
    }

    [Fact]
    public async Task An_empty_order_cannot_be_submitted_and_a_missing_customer_cannot_order()
    {
        var product = await shop.GivenProduct();
        var order = await shop.GivenOrder(product);
        await shop.Http.DeleteAsync($"/api/orders/{order}/items/{product}");
        var address = new { street = "a", city = "b", state = "c", postalCode = "d", country = "e" };

        var empty = await shop.Post($"/api/orders/{order}/submit");
        var unknownCustomer = await shop.Post("/api/orders", new { customer = Guid.NewGuid(), address });
        var nowhere = await shop.Post(
            "/api/orders", new { customer = Guid.NewGuid(), address = address with { city = "" } });

        Assert.Equal("order-not-empty", await RunningShop.Error(empty));
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.NotFound),
            (empty.StatusCode, unknownCustomer.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, nowhere.StatusCode);
    }

    [Fact]
    public async Task A_user_name_is_unique_regardless_of_case()
    {
        var first = await shop.Post("/api/customers", new { username = "Grace", email = "grace@example.com" });
        var second = await shop.Post("/api/customers", new { username = "gRACE", email = "other@example.com" });
        var short_ = await shop.Post("/api/customers", new { username = "ab", email = "ab@example.com" });

        Assert.Equal(
            (HttpStatusCode.Created, HttpStatusCode.UnprocessableEntity), (first.StatusCode, second.StatusCode));
        Assert.Equal(HttpStatusCode.BadRequest, short_.StatusCode);
    }

    private async Task<int> Available(string product, HttpResponseMessage after) =>
        (await RunningShop.Json(await shop.Get($"/api/products/{product}", after)))[
            "availableQuantity"
        ]!.GetValue<int>();
}
