using System.Net.Http.Headers;
using System.Text;

namespace Commerce.Tests.Hostile;

/// <summary>
/// Tests valid commands with one unusual value. The shop stores the value unchanged, or refuses the command without a
/// write. No consumer fails later.
/// </summary>
public sealed class HostileValueTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private static readonly string[] Numbers =
    [
        "0",
        "-1",
        "1.0",
        "1e2",
        "-0",
        "1e-28",
        "1e-400",
        "1e400",
        "-1e400",
        "0.00000000000000000000000000000000000001",
        "2147483647",
        "2147483648",
        "-2147483648",
        "9223372036854775808",
        "1000000000001",
        "7e27",
        "79228162514264337593543950335",
        "79228162514264337593543950336",
        "123456789012345678901234567890123456789012345678901234567890",
        "\"1\"",
        "\"NaN\"",
        "true",
        "null",
        "[1]",
        "{}",
    ];

    public static TheoryData<string> Kinds => new(HostileTexts.All.Keys);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_text_is_stored_unchanged_or_refused(string kind)
    {
        var text = HostileTexts.All[kind];
        var json = HostileTexts.Json(text);
        var product = await shop.GivenProduct();
        var order = await shop.GivenOrder(product);
        var customer = await shop.GivenCustomer();
        (string Path, string Body)[] commands =
        [
            ("/api/products", $$"""{"name":{{json}},"price":1}"""),
            ("/api/products", $$"""{"name":"Mug","price":1,"description":{{json}}}"""),
            ("/api/products", $$"""{"name":"Mug","price":1,"category":{{json}}}"""),
            ("/api/products", $$"""{"name":"Mug","price":1,"sku":{{json}}}"""),
            ("/api/products", $$"""{"name":"Mug","price":1,"currency":{{json}}}"""),
            ("/api/products", $$"""{"name":"Mug","price":1,"attributes":{ {{json}}:{{json}} } }"""),
            ("/api/customers", $$"""{"username":{{json}},"email":"ada@example.com"}"""),
            ("/api/customers", $$"""{"username":"u-{{Guid.NewGuid():N}}","email":{{json}}}"""),
            ("/api/orders", $$"""{"customer":"{{customer}}","address":{{Address(country: json)}}}"""),
            ($"/api/orders/{order}/cancel", $$"""{"reason":{{json}},"cancelledBy":{{json}}}"""),
            ("/api/payments", $$"""{"order":"{{order}}","amount":1,"transactionId":{{json}},"method":{{json}}}"""),
            ("/api/inventory", $$"""{"product":"{{product}}","quantity":1,"reason":{{json}}}"""),
        ];
        var problems = new List<string>();
        foreach (var (path, body) in commands)
            await Try(path, body, problems);

        Refusal.AssertNone(problems);
        await shop.AssertHealthy();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_accepted_value_reads_back_unchanged(string kind)
    {
        var json = HostileTexts.Json(HostileTexts.All[kind]);
        var created = await Send("/api/products", $$"""{"name":{{json}},"price":1,"attributes":{ {{json}}:"x" } }""");
        if (!created.IsSuccessStatusCode)
            return; // The shop refused the value, which the other test covers.

        var id = (await RunningShop.Json(created))["productId"];
        var read = await RunningShop.Json(await shop.Get($"/api/products/{id}", after: created));

        Assert.Equal(HostileTexts.All[kind], read["name"]!.GetValue<string>());
        Assert.Equal(HostileTexts.All[kind], Assert.Single(read["attributes"]!.AsObject()).Key);
    }

    [Fact]
    public async Task Numbers_of_every_size_are_accepted_or_refused_and_no_total_overflows()
    {
        var problems = new List<string>();
        foreach (var number in Numbers)
        {
            var product = await shop.GivenProduct();
            var order = await shop.GivenOrder(product, quantity: 1);
            await Try("/api/products", $$"""{"name":"Mug","price":{{number}},"initialQuantity":1}""", problems);
            await Try("/api/products", $$"""{"name":"Mug","price":1,"initialQuantity":{{number}}}""", problems);
            await Try($"/api/products/{product}/price", $$"""{"price":{{number}}}""", problems, HttpMethod.Put);
            await Try("/api/inventory", $$"""{"product":"{{product}}","quantity":{{number}}}""", problems);
            await Try("/api/inventory", $$"""{"product":"{{product}}","quantity":{{number}}}""", problems);
            await Try($"/api/orders/{order}/items", $$"""{"product":"{{product}}","quantity":{{number}}}""", problems);
            await Try($"/api/orders/{order}/items", $$"""{"product":"{{product}}","quantity":{{number}}}""", problems);
            await Try($"/api/orders/{order}/submit", "{}", problems);
            await Try("/api/payments", $$"""{"order":"{{order}}","amount":{{number}},"transactionId":"t"}""", problems);
        }

        Refusal.AssertNone(problems);
        await shop.AssertHealthy();
        var totals = await RunningShop.Json(await shop.Http.GetAsync("/api/statistics?wait=00:00:05"));
        Assert.NotNull(totals["value"]);
    }

    [Fact]
    public async Task The_maximum_price_and_quantity_can_be_bought_paid_and_returned()
    {
        var product = await shop.GivenProduct(
            price: Catalogue.Product.MaxPrice, quantity: Inventory.InventoryItem.MaxPieces);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            var stock = new { product, quantity = Inventory.InventoryItem.MaxPieces, warehouse = Guid.NewGuid() };
            await RunningShop.Json(await shop.Post("/api/inventory", stock));
        }
        var order = await shop.GivenOrder(product, Orders.Order.MaxPieces);
        var submitted = await RunningShop.Json(await shop.Post($"/api/orders/{order}/submit"));
        var amount = submitted["due"]!.GetValue<decimal>();
        await RunningShop.Json(await shop.Post("/api/payments", new { order, amount, transactionId = "t" }));

        var more = await shop.Post("/api/inventory", new { product, quantity = 1_000_001 });
        var cancelled = await shop.Post($"/api/orders/{order}/cancel", new { reason = "too dear" });

        Assert.Equal("stock-within-bounds", await RunningShop.Error(more));
        var read = await RunningShop.Json(await shop.Get($"/api/products/{product}", after: cancelled));
        Assert.Equal(4L * Inventory.InventoryItem.MaxPieces, read["availableQuantity"]!.GetValue<long>());
        await shop.AssertHealthy();
    }

    private static string Address(string country) =>
        $$"""{"street":"1 Mill Lane","city":"Rochdale","state":"Lancashire","postalCode":"OL16","country":{{country}}}""";

    /// <summary>
    /// Sends a command that must succeed or be refused. Adds a problem if a refused command has written an event.
    /// </summary>
    private async Task Try(string path, string body, List<string> problems, HttpMethod? method = null)
    {
        var before = await shop.LastEvent();
        var answer = await Send(path, body, method);
        var problem = await Refusal.ProblemUnlessDone(answer);
        if (problem is null && !answer.IsSuccessStatusCode && await shop.LastEvent() != before)
            problem = $"It was refused with {(int)answer.StatusCode}, but an event was written.";
        if (problem is not null)
            problems.Add($"{path} {(body.Length > 200 ? body[..200] : body)}: {problem}");
    }

    private Task<HttpResponseMessage> Send(string path, string body, HttpMethod? method = null)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return shop.Http.SendAsync(new HttpRequestMessage(method ?? HttpMethod.Post, path)
        {
            Content = content,
            Headers = { ExpectContinue = body.Length > 1024 * 1024 },
        });
    }
}
