using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Commerce.Catalogue;
using Commerce.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests;

/// <summary>The shop with its own store and port, which tests call over HTTP.</summary>
public sealed class RunningShop : IAsyncLifetime, IDisposable
{
    // The consumer of the process has the same name.
    private const string ProcessCollection = "process-" + FirstStock.Name;

    private readonly TemporaryDirectory _data = new();
    private readonly HttpClientHandler _cookies = new();
    private WebApplication? _app;
    private long _scannedThrough;
    private long _lastEvent;

    public RunningShop() => Http = new HttpClient(_cookies);

    /// <summary>Gets the client of the staff.</summary>
    public HttpClient Http { get; }

    /// <summary>Gets the header with which the staff is signed in.</summary>
    public string Cookie => _cookies.CookieContainer.GetCookieHeader(Http.BaseAddress!); // The shop is running.

    /// <summary>Gets the secrets of the shop.</summary>
    public ShopSecrets Secrets => new(Path.Combine(_data.Path, "secrets"));

    public IServiceProvider Services => _app!.Services; // xUnit starts the fixture before any test.

    public async Task InitializeAsync()
    {
        _app = ShopApplication.Create(new ShopOptions { Data = _data.Path, Simulates = false }, port: 0);
        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.First());
        await Staff.SignIn(Http, Http.BaseAddress);
    }

    public async Task DisposeAsync() => await _app!.DisposeAsync(); // The fixture is started.

    public void Dispose()
    {
        Http.Dispose();
        _data.Dispose();
    }

    /// <summary>
    /// Returns the position of the last event of the shop after the first stock of every product. From then on, only
    /// requests write such events. Events of Millrace itself, such as seals and entries of the audit trail, do not
    /// count: refused requests are recorded.
    /// </summary>
    public async Task<long> LastEvent()
    {
        var store = Services.GetRequiredService<EventStore>();
        Assert.True(await Services.GetRequiredService<Consumers>()
            .WaitFor(ProcessCollection, await store.GetToken(), TimeSpan.FromMinutes(4)));
        await Eventually.Get(
            async () => await Services.GetRequiredService<Processes>().Count(FirstStock.Name, ProcessState.Running),
            running => running == 0,
            TimeSpan.FromMinutes(4));
        // A test of a class runs at a time, so that no other call changes the fields.
        await foreach (var recorded in store.ReadLog(EventFilter.All, _scannedThrough))
        {
            _scannedThrough = recorded.Position;
            if (!recorded.Stream.Value.StartsWith('$'))
                _lastEvent = recorded.Position;
        }
        return _lastEvent;
    }

    /// <summary>
    /// Waits until every consumer is healthy, because no accepted event may fail in a consumer. After a pause of the
    /// machine, consumers must acquire their leases again.
    /// </summary>
    public Task AssertHealthy() => Eventually.Get(
        async () => string.Join('\n', (await Services.GetRequiredService<Consumers>().List())
            .Where(status => status.State is not (ConsumerState.Live or ConsumerState.CatchingUp))
            .Select(status => $"{status.Name} is {status.State}: {status.Error}")),
        unhealthy => unhealthy.Length == 0);

    public Task<HttpResponseMessage> Post(string path, object? body = null) =>
        Http.PostAsJsonAsync(path, body ?? new { });

    /// <summary>Reads data that contains the effects of a previous command.</summary>
    public Task<HttpResponseMessage> Get(string path, HttpResponseMessage after)
    {
        // The timeout is long, because the machine may be busy.
        var wait = (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "wait=00:00:30";
        var request = new HttpRequestMessage(HttpMethod.Get, path + wait);
        request.Headers.Add("Millrace-Token", after.Headers.GetValues("Millrace-Token"));
        return Http.SendAsync(request);
    }

    /// <summary>Creates a product on sale, and returns its id.</summary>
    public async Task<string> GivenProduct(
        string name = "Mug", decimal price = 10, int quantity = 100, string category = "kitchen")
    {
        var created = await Json(
            await Post(
                "/api/products",
                new
                {
                    name,
                    price,
                    initialQuantity = quantity,
                    category,
                }
            )
        );
        var id = created["productId"]!.GetValue<string>();
        await Json(await Post($"/api/products/{id}/activate"));
        await Stocked(id, quantity);
        return id;
    }

    /// <summary>Waits until the first stock of a product exists, and returns the product.</summary>
    public Task<JsonNode> Stocked(string product, int quantity) =>
        // The address exists, because the shop is running.
        Stocked(Http, Http.BaseAddress!, product, quantity, TimeSpan.FromMinutes(4));

    /// <inheritdoc cref="Stocked(string, int)"/>
    public static Task<JsonNode> Stocked(HttpClient http, Uri shop, string product, int quantity, TimeSpan within) =>
        Eventually.Get(
            async () =>
                JsonNode.Parse( // The response always contains JSON.
                    await (await http.GetAsync(new Uri(shop, $"/api/products/{product}"))).Content.ReadAsStringAsync()
                )!,
            view => view["availableQuantity"]?.GetValue<int>() == quantity,
            within);

    /// <summary>Registers a customer, and returns the id.</summary>
    public async Task<string> GivenCustomer()
    {
        var username = $"user-{Guid.NewGuid():N}"[..20];
        var created = await Json(await Post("/api/customers", new { username, email = $"{username}@example.com" }));
        return created["customerId"]!.GetValue<string>();
    }

    /// <summary>Creates a draft order with a product, for the given or a new customer, and returns its id.</summary>
    public async Task<string> GivenOrder(string product, int quantity = 2, string? customer = null)
    {
        var draft = DraftOf(customer ?? await GivenCustomer(), product, quantity);
        return (await Json(await Post("/api/orders", draft)))["orderId"]!.GetValue<string>();
    }

    /// <summary>Returns the request for a draft order with a product.</summary>
    public static object DraftOf(string customer, string product, int quantity) => new
    {
        customer,
        items = new[] { new { product, quantity } },
        address = new
        {
            street = "1 Mill Lane",
            city = "Rochdale",
            state = "Lancashire",
            postalCode = "OL16 1AA",
            country = "Ireland",
        },
    };

    /// <summary>Returns the body of an answer, which must be a success.</summary>
    public static async Task<JsonNode> Json(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!; // A response is never the JSON value null.
    }

    /// <summary>Returns the name of the error in a problem response.</summary>
    public static async Task<string> Error(HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!.GetValue<string>();
    }
}
