using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Millrace.AspNetCore;

namespace Commerce.Tests.Api;

/// <summary>Tests the OpenAPI document against the API.</summary>
public sealed class OpenApiTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Fact]
    public async Task Every_reference_resolves_and_no_schema_is_empty()
    {
        var api = await ApiDescription.Read(shop.Http);

        var schemas = api.Schemas().ToList();

        Assert.True(schemas.Count > 300, $"Only {schemas.Count} schemas were found.");
        Assert.All(
            schemas,
            found => Assert.True(api.Resolve(found.Schema) is JsonObject { Count: > 0 }, found.Where + " is empty.")
        );
        Assert.All(
            schemas.Where(found => found.Schema["$ref"] is null && found.Schema["oneOf"] is null),
            found => Assert.True(found.Schema["type"] is not null, found.Where + " has no type."));
    }

    [Fact]
    public async Task Commands_ids_values_and_enumerations_are_described_correctly()
    {
        var components = (await ApiDescription.Read(shop.Http)).Components;

        var order = components["CreateOrder"]!;
        Assert.Equal(["customer", "address"], order["required"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal(
            ["customer", "address", "items", "order"],
            order["properties"]!.AsObject().Select(member => member.Key));
        Assert.Equal("Creates an order, with or without items.", order["description"]!.GetValue<string>());
        Assert.Equal(
            """
            {"description":"The customer. A user with the role customer is this customer.",
            "$ref":"#/components/schemas/CustomerId"}
            """.ReplaceLineEndings(""),
            order["properties"]!["customer"]!.ToJsonString());
        Assert.Equal(["type", "format"], Keys(components["OrderId"]!));
        Assert.Equal("uuid", components["OrderId"]!["format"]!.GetValue<string>());
        Assert.Equal("string", components["Email"]!["type"]!.GetValue<string>());
        Assert.Equal(["amount", "currency"], Keys(components["Money"]!["properties"]!));
        Assert.Equal("number", components["Money"]!["properties"]!["amount"]!["type"]!.GetValue<string>());
        Assert.Equal(
            [
                "draft",
                "submitted",
                "paymentFailed",
                "paid",
                "processing",
                "shipped",
                "delivered",
                "cancelled",
                "failed",
            ],
            components["OrderStatus"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>()));
    }

    [Fact]
    public async Task Read_models_are_described_with_optional_members()
    {
        var components = (await ApiDescription.Read(shop.Http)).Components;

        var view = components["OrderView"]!;
        Assert.DoesNotContain("trackingCode", view["required"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal("""["null","string"]""", view["properties"]!["trackingCode"]!["type"]!.ToJsonString());
        Assert.Equal(
            """{"type":"array","items":{"$ref":"#/components/schemas/OrderLineView"}}""",
            view["properties"]!["items"]!.ToJsonString());
        Assert.Equal(
            """{"type":"object","additionalProperties":{"type":"string"}}""",
            components["ProductDetail"]!["properties"]!["attributes"]!.ToJsonString());
    }

    [Fact]
    public async Task Route_parameters_are_not_part_of_the_body()
    {
        var api = await ApiDescription.Read(shop.Http);

        var (_, path, change) = api.Find("change-quantity");
        var submit = api.Find("submit-order").Operation;

        Assert.Equal("/api/orders/{order}/items/{product}", path);
        Assert.Equal(["quantity", "customer"], Keys(ApiDescription.BodyOf(change)!["properties"]!));
        Assert.Equal("#/components/schemas/OrderId", Parameter(change, "order")["schema"]!["$ref"]!.GetValue<string>());
        Assert.Null(submit["requestBody"]);
        Assert.Equal("Orders", submit["tags"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_refusal_matches_its_description()
    {
        var api = await ApiDescription.Read(shop.Http);
        var described = api.Find("create-product").Operation["responses"]!["400"]!["content"]![
            "application/problem+json"
        ]!["schema"]!;

        var refused = await shop.Post("/api/products", new { price = "much" });

        Assert.Empty(api.Problems(JsonNode.Parse(await refused.Content.ReadAsStringAsync()), described));
        Assert.All(api.Operations, found => Assert.NotNull(found.Operation["responses"]!["400"]));
    }

    [Fact]
    public async Task Requests_generated_from_the_schemas_are_accepted_and_answered_as_described()
    {
        var api = await ApiDescription.Read(shop.Http);
        var known = new Dictionary<string, JsonNode>
        {
            ["Email"] = "ada@example.com",
            ["Username"] = "ada",
            ["Sku"] = "MUG-1",
            ["initialQuantity"] = 50,
            ["currency"] = "GBP",
            ["country"] = "Ireland", // The carrier delivers to this country.
            ["warehouse"] = (await AnyStock())["items"]![0]!["warehouse"]!,
            ["by"] = "day",
        };
        var answers = new Dictionary<string, JsonNode>();
        async Task Call(string operation) => answers[operation] = await Send(api, operation, known);

        await Call("register-customer");
        known["CustomerId"] = known["customer"] = answers["register-customer"]["customerId"]!;
        await Call("create-product");
        known["ProductId"] = known["product"] = answers["create-product"]["productId"]!;
        await shop.Stocked(known["product"].GetValue<string>(), 50);
        await Call("activate-product");
        await Call("add-stock");
        known["item"] = answers["add-stock"]["item"]!;
        await Call("create-order");
        known["OrderId"] = known["order"] = answers["create-order"]["orderId"]!;
        await Call("add-item");
        await Call("submit-order");
        known["amount"] = answers["submit-order"]["due"]!.DeepClone();
        await Call("pay-order");
        known.Remove("amount");
        known["payment"] = answers["pay-order"]["payment"]!;
        foreach (var step in (string[])
                ["start-processing", "ship-order", "deliver-order", "return-items", "set-product-attribute"])
            await Call(step);
        foreach (var (_, _, query) in api.Operations.Where(found =>
                found.Method == "get" && found.Operation["operationId"] is not null))
            await Call(query["operationId"]!.GetValue<string>());

        Assert.Equal("delivered", answers["get-order"]["status"]!.GetValue<string>());
        Assert.Equal(1, answers["get-order"]["items"]![0]!["returned"]!.GetValue<int>());
    }

    /// <summary>
    /// Sends a request generated from the schema of an operation, and checks the response against its schema.
    /// </summary>
    private async Task<JsonNode> Send(ApiDescription api, string operationId, Dictionary<string, JsonNode> known)
    {
        var (method, path, operation) = api.Find(operationId);
        foreach (
            var parameter in operation["parameters"]!.AsArray()
                .Where(candidate => candidate!["in"]!.GetValue<string>() == "path"))
        {
            var name = parameter!["name"]!.GetValue<string>();
            path = path.Replace(
                $"{{{name}}}", $"{api.Sample(parameter["schema"]!, known, name)}", StringComparison.Ordinal);
        }
        var wait = method == "get" ? "?wait=00:00:30" : ""; // The timeout is long, because the machine may be busy.
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path + wait, UriKind.Relative));
        if (ApiDescription.BodyOf(operation) is { } body)
            request.Content = JsonContent.Create(api.Sample(body, known));
        if (known.TryGetValue(MillraceHeaders.Token, out var token))
            request.Headers.Add(MillraceHeaders.Token, token.GetValue<string>());

        var answer = await shop.Http.SendAsync(request);

        var json = await RunningShop.Json(answer);
        if (answer.Headers.TryGetValues(MillraceHeaders.Token, out var reached))
            known[MillraceHeaders.Token] = reached.Single();
        var described = ApiDescription.AnswerOf(operation, (int)answer.StatusCode);
        Assert.True(
            described is not null,
            $"{operationId} answered {(int)answer.StatusCode}, which the document does not describe.");
        Assert.Empty(api.Problems(json, described, operationId));
        return json;
    }

    private async Task<JsonNode> AnyStock()
    {
        var product = await shop.GivenProduct();
        var added = await shop.Post("/api/inventory", new { product, quantity = 1 });
        return await RunningShop.Json(await shop.Get("/api/inventory", after: added));
    }

    private static JsonNode Parameter(JsonNode operation, string name) =>
        operation["parameters"]!.AsArray().Single(parameter => parameter!["name"]!.GetValue<string>() == name)!;

    private static IEnumerable<string> Keys(JsonNode node) => node.AsObject().Select(member => member.Key);
}
