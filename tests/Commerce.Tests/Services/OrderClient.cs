using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Services;

/// <summary>A customer who calls the shop at its current address.</summary>
internal sealed class OrderClient(Func<Uri> shop) : IDisposable
{
    public static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    private readonly HttpClient _http = new();
    private bool _isSignedIn;

    /// <summary>Creates a product on sale, and returns its id.</summary>
    public async Task<string> Product(int quantity, decimal price = 10)
    {
        var created = await Post(
            "/api/products",
            new
            {
                name = "Mug",
                price,
                initialQuantity = quantity,
                category = "kitchen",
            }
        );
        var id = created["productId"]!.GetValue<string>();
        await Post($"/api/products/{id}/activate", new { });
        await Stocked(id, quantity);
        return id;
    }

    /// <summary>Waits until the first stock of a product exists and the order service has received it.</summary>
    public Task<JsonNode> Stocked(string product, int quantity) =>
        Eventually.Get(
            () => Get($"/api/products/{product}"),
            view => view["availableQuantity"]?.GetValue<int>() == quantity,
            WaitTimeout);

    /// <summary>Checks out an order, and returns its id.</summary>
    public async Task<string> Order(string product, int quantity, string card = "visa-4242")
    {
        var username = $"user-{Guid.NewGuid():N}"[..20];
        var customer = (await Post("/api/customers", new { username, email = $"{username}@example.com" }))[
            "customerId"
        ];
        var address = new
        {
            street = "1 Mill Lane",
            city = "Rochdale",
            state = "Lancashire",
            postalCode = "OL16 1AA",
            country = "Ireland",
        };
        var order = await Post(
            "/api/orders",
            new
            {
                customer = customer!.GetValue<string>(),
                address,
                items = new[] { new { product, quantity } },
            }
        );
        var id = order["orderId"]!.GetValue<string>();
        await Post($"/api/orders/{id}/checkout", new { card });
        return id;
    }

    /// <summary>Waits until an order has a status. In a problem response, the status is a number.</summary>
    public Task<JsonNode> Becomes(string order, string status) =>
        Eventually.Get(() => Get($"/api/orders/{order}"), view => view["status"]?.ToString() == status, WaitTimeout);

    /// <summary>Waits until the service has found another service and has connected to the broker.</summary>
    public Task Finds(Uri other) => Eventually.Get(
        () => Get("/api/services"),
        report => report["found"]?["urls"]?.AsArray().Any(url => new Uri(url!.GetValue<string>()) == other) == true
            && report["brokers"]?.AsArray() is { Count: > 0 } brokers
            && brokers.All(broker => broker!["state"]!.GetValue<string>() == "connected"),
        WaitTimeout);

    /// <summary>
    /// Returns the quantity and the reserved quantity of a product, as the inventory service reports them.
    /// </summary>
    public async Task<(int Quantity, int Reserved)> Stock(string product)
    {
        var item = (await Get($"/api/inventory?product={product}"))["items"]?[0];
        return item is null ? default : (item["quantity"]!.GetValue<int>(), item["reserved"]!.GetValue<int>());
    }

    /// <summary>
    /// Sends a command, and repeats it with the same key if the shop reports that another service did not answer in
    /// time.
    /// </summary>
    public async Task<JsonNode> Post(string path, object body)
    {
        var key = Guid.NewGuid().ToString();
        return await RunningShop.Json(
            await Eventually.Get(
                () => Send(path, body, key),
                static answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable,
                WaitTimeout));
    }

    /// <summary>Sends a command that the shop refuses, and returns the name of the error.</summary>
    public async Task<string> Refused(string path, object body)
    {
        var key = Guid.NewGuid().ToString();
        using var answer = await Eventually.Get(
            () => Send(path, body, key),
            static answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable,
            WaitTimeout);
        return await RunningShop.Error(answer);
    }

    /// <summary>Sends a command that sets a value.</summary>
    public async Task Put(string path, object body)
    {
        await SignIn();
        using var answer = await _http.PutAsJsonAsync(new Uri(shop(), path), body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Reads JSON. If the service cannot answer, the response contains the reason.</summary>
    public async Task<JsonNode> Get(string path)
    {
        await SignIn();
        using var answer = await _http.GetAsync(new Uri(shop(), path));
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!; // Every response contains JSON.
    }

    public void Dispose() => _http.Dispose();

    private async Task SignIn()
    {
        if (!_isSignedIn)
            await Staff.SignIn(_http, shop());
        _isSignedIn = true;
    }

    private async Task<HttpResponseMessage> Send(string path, object body, string key)
    {
        await SignIn();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(shop(), path))
        {
            Content = JsonContent.Create(body),
        };
        request.Headers.Add("Idempotency-Key", key);
        return await _http.SendAsync(request);
    }
}
