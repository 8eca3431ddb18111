using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Commerce.Live;
using Commerce.Orders;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Trust;

/// <summary>Tests what each role may do over HTTP.</summary>
public sealed class ShopRolesTests(RunningShop shop) : IClassFixture<RunningShop>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shop.Http.BaseAddress };

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("/api/products", true)]
    [InlineData("/api/statistics", true)]
    [InlineData("/api/statistics/country", true)]
    [InlineData("/api/inventory", true)]
    [InlineData("/api/orders", false)]
    [InlineData("/api/customers", false)]
    [InlineData("/millrace/dead-letters", false)]
    [InlineData("/millrace/erasures", false)]
    [InlineData("/millrace/access", false)]
    public async Task A_visitor_sees_the_public_shop(string path, bool isAllowed)
    {
        var answer = await _http.GetAsync(path);

        Assert.Equal(isAllowed ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_visitor_sees_no_names_of_customers()
    {
        await GivenSale();

        var all = await Json(await shop.Http.GetAsync("/api/statistics/customer?wait=00:00:10"));
        var visible = await Json(await _http.GetAsync("/api/statistics/customer?wait=00:00:10"));

        Assert.NotNull(all[0]!["buyer"]);
        Assert.Null(visible[0]!["buyer"]);
        Assert.Equal(all[0]!["value"]!.ToString(), visible[0]!["value"]!.ToString());
    }

    [Theory]
    [InlineData("clerk", "GET", "/api/orders", 200)]
    [InlineData("clerk", "GET", "/api/customers", 200)]
    [InlineData("clerk", "POST", "/api/products", 403)]
    [InlineData("clerk", "GET", "/millrace/dead-letters", 403)]
    [InlineData("clerk", "GET", "/millrace/erasures", 403)]
    [InlineData("manager", "POST", "/api/products", 201)]
    [InlineData("manager", "GET", "/millrace/erasures", 200)]
    [InlineData("manager", "GET", "/millrace/dead-letters", 200)]
    [InlineData("manager", "GET", "/millrace/consumers", 403)]
    [InlineData("auditor", "GET", "/millrace/erasures", 200)]
    [InlineData("auditor", "GET", "/millrace/access", 200)]
    [InlineData("auditor", "POST", "/api/products", 403)]
    [InlineData("auditor", "GET", "/api/orders", 403)]
    [InlineData("operator", "GET", "/millrace/dead-letters", 200)]
    [InlineData("operator", "GET", "/millrace/projections", 200)]
    [InlineData("operator", "GET", "/millrace/erasures", 403)]
    [InlineData("operator", "GET", "/api/customers", 403)]
    public async Task A_role_may_do_its_work_and_nothing_else(string role, string method, string path, int status)
    {
        await Staff.SignIn(_http, shop.Http.BaseAddress!, role);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = JsonContent.Create(
                new { name = "Cup", price = 3, initialQuantity = 1, category = "kitchen" });

        using var answer = await _http.SendAsync(request);

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_clerk_sees_masked_addresses_and_cannot_erase()
    {
        var customer = await shop.GivenCustomer();
        await Staff.SignIn(_http, shop.Http.BaseAddress!, "clerk");

        var seen = await Json(await Eventually.Get(
            () => _http.GetAsync($"/api/customers/{customer}"), static answer => answer.IsSuccessStatusCode));
        var erased = await _http.PostAsJsonAsync($"/api/customers/{customer}/erasure", new { reason = "no" });

        Assert.Equal("***", seen["email"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.Forbidden, erased.StatusCode);
    }

    [Fact]
    public async Task A_customer_sees_and_changes_only_their_own_orders()
    {
        var product = await shop.GivenProduct();
        var others = await shop.GivenOrder(product);
        var customer = await shop.GivenCustomer();
        await SignInAs(customer);
        var address = new { street = "1", city = "Rochdale", state = "L", postalCode = "1", country = "Ireland" };
        var items = new[] { new { product, quantity = 1 } };

        var own = await Json(await _http.PostAsJsonAsync("/api/orders", new { customer, address, items }));
        var order = own["orderId"]!.GetValue<string>();
        var seen = await Eventually.Get(
            () => _http.GetAsync($"/api/orders/{order}"), answer => answer.StatusCode == HttpStatusCode.OK);
        var forAnother = await _http.PostAsJsonAsync(
            "/api/orders", new { customer = await shop.GivenCustomer(), address, items });

        Assert.Equal(order, (await Json(seen))["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await Add(order, product)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"/api/orders/{others}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, forAnother.StatusCode);
        Assert.Equal("own-order", await RunningShop.Error(await Add(others, product)));
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.GetAsync("/api/orders")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync($"/api/orders?customer={customer}")).StatusCode);
    }

    [Fact]
    public async Task A_customer_cannot_act_as_another_customer_by_naming_them()
    {
        var product = await shop.GivenProduct();
        var other = await shop.GivenCustomer();
        var order = await shop.GivenOrder(product);
        await SignInAs(await shop.GivenCustomer());

        var answer = await _http.PostAsJsonAsync(
            $"/api/orders/{order}/items", new { product, quantity = 1, customer = other });

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_customer_cannot_choose_the_role_that_cancels_an_order_and_visitors_see_no_reason()
    {
        var product = await shop.GivenProduct();
        var customer = await shop.GivenCustomer();
        await SignInAs(customer);
        var address = new { street = "1", city = "Rochdale", state = "L", postalCode = "1", country = "Ireland" };
        var items = new[] { new { product, quantity = 1 } };
        var own = await Json(await _http.PostAsJsonAsync("/api/orders", new { customer, address, items }));
        var order = own["orderId"]!.GetValue<string>();

        await Json(await _http.PostAsJsonAsync(
            $"/api/orders/{order}/cancel", new { reason = "call me", cancelledBy = "the bank" }));

        RecordedEvent? found = null;
        var store = shop.Services.GetRequiredService<EventStore>();
        await foreach (var recorded in store.ReadLog(EventFilter.InStreams("order")))
        {
            if (recorded.Data is OrderCancelled cancelled && cancelled.Order.ToString() == order)
                found = recorded;
        }
        Assert.NotNull(found);
        Assert.Equal("customer", Assert.IsType<OrderCancelled>(found.Data).CancelledBy);
        var item = Assert.IsType<FeedItem>(FeedItem.Of(found));
        Assert.EndsWith("was cancelled: call me", item.Text, StringComparison.Ordinal);
        Assert.EndsWith("was cancelled", item.WithoutName().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manager_appoints_a_clerk_and_nothing_more()
    {
        await Staff.SignIn(_http, shop.Http.BaseAddress!, "manager");

        var clerk = await Grant("role clerk");
        var manager = await Grant("role manager");

        Assert.True(clerk.IsSuccessStatusCode, await clerk.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Forbidden, manager.StatusCode);
    }

    [Fact]
    public async Task A_sign_in_from_the_page_of_another_site_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/session")
        {
            Content = JsonContent.Create(new { roles = new[] { "manager" } }),
        };
        request.Headers.Add("Origin", "https://elsewhere.example");

        using var answer = await _http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_message_without_the_signature_of_the_payment_service_settles_nothing()
    {
        var answer = await _http.PostAsJsonAsync("/api/payments/webhook", new { });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static Task<JsonNode> Json(HttpResponseMessage answer) => RunningShop.Json(answer);

    private async Task SignInAs(string customer)
    {
        using var answer = await _http.PostAsJsonAsync("/api/session", new { roles = new[] { "customer" }, customer });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> Add(string order, string product) =>
        _http.PostAsJsonAsync($"/api/orders/{order}/items", new { product, quantity = 1 });

    private Task<HttpResponseMessage> Grant(string right) =>
        _http.PostAsJsonAsync("/millrace/access/grants", new { to = "user:mary", right, reason = "vacation" });

    private async Task GivenSale()
    {
        var order = await shop.GivenOrder(await shop.GivenProduct());
        await Json(await shop.Post($"/api/orders/{order}/submit"));
        var found = await Eventually.Get(
            () => shop.Http.GetAsync($"/api/orders/{order}"), static answer => answer.IsSuccessStatusCode);
        var due = (await Json(found))["total"]!.GetValue<decimal>();
        await Json(await shop.Post("/api/payments", new { order, amount = due, transactionId = "t-1" }));
        await Eventually.Get(
            async () => await (await shop.Http.GetAsync("/api/statistics/customer")).Content.ReadAsStringAsync(),
            static answer => answer.Contains("buyer", StringComparison.Ordinal));
    }
}
