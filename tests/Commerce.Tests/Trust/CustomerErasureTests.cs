using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Commerce.Live;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Trust;

/// <summary>Tests that one request erases a customer, and returns a signed certificate.</summary>
public sealed class CustomerErasureTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private static readonly object Reason = new { reason = "asked by letter" };

    [Fact]
    public async Task An_erased_customer_is_erased_in_every_answer_and_the_certificate_is_signed()
    {
        var (name, customer) = await GivenCustomer();
        var order = await GivenDraft(customer);
        await RunningShop.Json(
            await shop.Http.PutAsJsonAsync($"/api/customers/{customer}/email", new { email = $"{name}@example.net" }));

        var answer = await shop.Post($"/api/customers/{customer}/erasure", Reason);

        var erasure = await RunningShop.Json(answer);
        Assert.True(erasure["state"]!.GetValue<string>() == "Confirmed", erasure.ToJsonString());
        Assert.Equal("complete", erasure["certificate"]!["result"]!.GetValue<string>());
        var view = await Read($"/api/customers/{customer}");
        Assert.Equal("[erased]", view["username"]!.GetValue<string>());
        Assert.Equal("[erased]", view["email"]!.GetValue<string>());
        Assert.True(view["isClosed"]!.GetValue<bool>());
        Assert.Equal("[erased]", (await Read($"/api/orders/{order}"))["buyer"]!.GetValue<string>());
        Assert.Equal("[erased]", (await Read($"/api/orders/{order}/parcel"))["receiver"]!.GetValue<string>());
        await Eventually.Until(() => Services.GetRequiredService<LiveFeed>().After(0)
            .All(item => !item.Text.Contains(name, StringComparison.Ordinal)));
        using var key = ECDsa.Create();
        key.ImportFromPem(shop.Secrets.CertificateKey);
        var file = await shop.Http.GetStringAsync($"/api/customers/{customer}/erasure/certificate");
        Assert.True(ErasureCertificate.Parse(file).IsSignedBy(key.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public async Task A_second_request_returns_the_same_certificate()
    {
        var (_, customer) = await GivenCustomer();
        var first = await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));

        var second = await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
    }

    [Fact]
    public async Task The_name_of_an_erased_customer_is_free_and_the_customer_cannot_order()
    {
        var (name, customer) = await GivenCustomer();
        await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));

        var other = await shop.Post("/api/customers", new { username = name, email = "other@example.com" });
        var order = await shop.Post("/api/orders", new { customer, address = Home("Ireland") });

        Assert.Equal(HttpStatusCode.Created, other.StatusCode);
        Assert.Equal("customer-open", await RunningShop.Error(order));
    }

    [Fact]
    public async Task A_draft_of_an_erased_customer_cannot_be_placed()
    {
        var (_, customer) = await GivenCustomer();
        var order = await GivenDraft(customer, await shop.GivenProduct());
        await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));

        var submitted = await shop.Post($"/api/orders/{order}/submit");
        var checkedOut = await shop.Post($"/api/orders/{order}/checkout", new { card = "visa" });

        Assert.Equal("customer-open", await RunningShop.Error(submitted));
        Assert.Equal("customer-open", await RunningShop.Error(checkedOut));
    }

    [Fact]
    public async Task The_answer_for_a_taken_name_does_not_contain_its_hash()
    {
        var (name, _) = await GivenCustomer();

        var second = await shop.Post("/api/customers", new { username = name, email = "other@example.com" });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.StatusCode);
        var problem = JsonNode.Parse(await second.Content.ReadAsStringAsync())!;
        Assert.Equal("taken", problem["error"]!.GetValue<string>());
        Assert.Equal("The user name is taken.", problem["detail"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_customer_with_an_open_order_is_not_erased()
    {
        var product = await shop.GivenProduct();
        var (name, customer) = await GivenCustomer();
        var order = await GivenDraft(customer, product);
        var submitted = await shop.Post($"/api/orders/{order}/submit");
        await shop.Get($"/api/orders/{order}", submitted);

        var refused = await shop.Post($"/api/customers/{customer}/erasure", Reason);

        Assert.Equal("no-open-orders", await RunningShop.Error(refused));
        Assert.Equal(name, (await Read($"/api/customers/{customer}"))["username"]!.GetValue<string>());
    }

    [Fact]
    public async Task Read_models_are_rebuilt_after_an_erasure()
    {
        var (name, customer) = await GivenCustomer();
        var order = await GivenDraft(customer);
        await RunningShop.Json(await shop.Post($"/api/customers/{customer}/erasure", Reason));
        var projections = Services.GetRequiredService<Projections>();

        foreach (var projection in (string[])["customers@3", "orders@3", "parcels@2", "sales@2"])
            await projections.Rebuild(projection);

        await shop.AssertHealthy();
        var parcel = await Read($"/api/orders/{order}/parcel");
        var view = await Read($"/api/customers/{customer}");
        Assert.Equal("[erased]", parcel["receiver"]!.GetValue<string>());
        Assert.Equal("[erased]", parcel["zone"]!.GetValue<string>());
        Assert.DoesNotContain(name, view.ToJsonString(), StringComparison.Ordinal);
    }

    private IServiceProvider Services => shop.Services;

    private static object Home(string country) => new
    {
        street = "1 Mill Lane",
        city = "Rochdale",
        state = "Lancashire",
        postalCode = "OL16 1AA",
        country,
    };

    private async Task<(string Name, string Customer)> GivenCustomer()
    {
        var name = $"zoe-{Guid.NewGuid():N}"[..20];
        var created = await RunningShop.Json(
            await shop.Post("/api/customers", new { username = name, email = $"{name}@example.com" }));
        return (name, created["customerId"]!.GetValue<string>());
    }

    private async Task<string> GivenDraft(string customer, string? product = null)
    {
        var items = product is null ? [] : new[] { new { product, quantity = 1 } };
        var answer = await shop.Post("/api/orders", new { customer, address = Home("Ireland"), items });
        var order = (await RunningShop.Json(answer))["orderId"]!.GetValue<string>();
        foreach (var path in (string[])["", "/parcel"])
            await shop.Get($"/api/orders/{order}{path}", answer);
        return order;
    }

    private async Task<JsonNode> Read(string path) => await RunningShop.Json(await shop.Http.GetAsync(path));
}
