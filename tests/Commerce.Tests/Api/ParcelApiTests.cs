using System.Net;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Api;

/// <summary>Tests parcels to countries that the carrier knows, and to an unknown country.</summary>
public sealed class ParcelApiTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Fact]
    public async Task An_order_is_announced_to_the_carrier_and_its_customer_has_the_country()
    {
        var ordered = await Order("Ireland");

        var parcel = await RunningShop.Json(await shop.Get($"/api/orders/{ordered.Order}/parcel", ordered.Answer));
        var customer = await RunningShop.Json(await shop.Get($"/api/customers/{ordered.Customer}", ordered.Answer));

        Assert.Equal(("near", "announced"), (parcel["zone"]!.GetValue<string>(), parcel["status"]!.GetValue<string>()));
        Assert.Equal("""["Ireland"]""", customer["countries"]!.ToJsonString());
    }

    [Fact]
    public async Task An_unknown_country_blocks_only_that_order_until_it_is_corrected()
    {
        var lost = await Order("Atlantis");
        var next = await Order("Greece");
        Assert.Equal(HttpStatusCode.OK, (await shop.Get($"/api/orders/{next.Order}/parcel", next.Answer)).StatusCode);
        var letter = await WaitForDeadLetter(lost.Order);
        // The message contains a part of the address, so it is not stored with an encrypted event.
        Assert.DoesNotContain("Atlantis", letter["message"]!.GetValue<string>(), StringComparison.Ordinal);

        var payload = (await RunningShop.Json(await shop.Http.GetAsync($"/millrace/dead-letters/{letter["id"]}")))[
            "payload"
        ]!.DeepClone();
        payload["address"]!["country"] = "Iceland";
        var decided = await RunningShop.Json(
            await shop.Post($"/millrace/dead-letters/{letter["id"]}/edit", new { payload, reason = "a cold one" }));
        var parcel = await Parcel(lost.Order);

        Assert.Equal("demo-manager-operator-auditor", decided["by"]!.GetValue<string>());
        Assert.Equal(("Iceland", "near"), (parcel["country"]!.GetValue<string>(), parcel["zone"]!.GetValue<string>()));
    }

    private async Task<(string Order, string Customer, HttpResponseMessage Answer)> Order(string country)
    {
        var customer = await shop.GivenCustomer();
        var address = new
        {
            street = "1 Mill Lane",
            city = "Rochdale",
            state = "Lancashire",
            postalCode = "OL16 1AA",
            country,
        };
        var answer = await shop.Post("/api/orders", new { customer, address });
        return ((await RunningShop.Json(answer))["orderId"]!.GetValue<string>(), customer, answer);
    }

    private async Task<JsonNode> WaitForDeadLetter(string order) => (await Until(
        $"/millrace/dead-letters?stream=order-{order}&state=parked", found => found is JsonArray { Count: > 0 }))[0]!;

    private Task<JsonNode> Parcel(string order) =>
        Until($"/api/orders/{order}/parcel", found => found["zone"] is not null);

    private Task<JsonNode> Until(string path, Func<JsonNode, bool> condition) =>
        Eventually.Get(
            // A problem response also contains JSON.
            async () => JsonNode.Parse(await (await shop.Http.GetAsync(path)).Content.ReadAsStringAsync())!,
            condition);
}
