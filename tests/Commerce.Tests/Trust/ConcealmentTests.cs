using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Trust;

/// <summary>
/// Tests that no operator route shows the personal data of a customer to a role without the permission for it: not in
/// events, explanations, histories, dead letters, previews or answers to decisions.
/// </summary>
public sealed class ConcealmentTests(ConcealmentTests.TradedShop traded)
    : IClassFixture<ConcealmentTests.TradedShop>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = traded.Shop.Http.BaseAddress };

    public void Dispose() => _http.Dispose();

    [Theory]
    [InlineData("auditor")]
    [InlineData("operator")]
    public async Task A_role_without_the_right_reads_no_personal_data_from_any_route(string role)
    {
        await Staff.SignIn(_http, _http.BaseAddress!, role);
        var answered = 0;

        foreach (var path in Paths())
        {
            using var answer = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            var bytes = await Read(answer);
            answered += answer.IsSuccessStatusCode ? 1 : 0;
            Assert.True(!traded.Canary.Find(path, bytes).Any(), $"{role} {path}: {Encoding.UTF8.GetString(bytes)}");
            Assert.True((int)answer.StatusCode < 500, $"{path}: {Encoding.UTF8.GetString(bytes)}");
            if (answer.IsSuccessStatusCode && path.Contains("/why", StringComparison.Ordinal))
                Assert.Equal("personal-data", Assert.Single(answer.Headers.GetValues("Millrace-Concealed")));
        }

        Assert.True(answered >= 8, $"Only {answered} routes answered.");
    }

    [Fact]
    public async Task The_same_routes_show_personal_data_with_the_right()
    {
        await Staff.SignIn(_http, _http.BaseAddress!);
        var shown = new List<string>();

        foreach (var path in Paths())
        {
            using var answer = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            if (traded.Canary.Find(path, await Read(answer)).Any())
                shown.Add(path);
        }

        foreach (var route in (string[])
            ["streams?stream=customer", "streams?stream=order", "/why", "/at", "dead-letters/"])
            Assert.Contains(shown, path => path.Contains(route, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operator_decides_about_a_dead_letter_without_seeing_it()
    {
        await Staff.SignIn(_http, _http.BaseAddress!, "operator");
        var letter = traded.Letter;
        var shown = await RunningShop.Json(await _http.GetAsync($"/millrace/dead-letters/{letter}"));
        var seen = shown["event"]?["data"]?.DeepClone() ?? new JsonObject();

        var edited = await _http.PostAsJsonAsync(
            $"/millrace/dead-letters/{letter}/edit", new { payload = seen, reason = "try" });
        var simulated = await Post($"/millrace/dead-letters/{letter}/simulate", new { patch = Fix });
        var retried = await Post($"/millrace/dead-letters/{letter}/retry", new { reason = "try" });

        Assert.Equal(HttpStatusCode.Forbidden, edited.StatusCode);
        Assert.Contains("passes", simulated.ToLowerInvariant(), StringComparison.Ordinal);
        foreach (var text in (string[])[shown.ToJsonString(), simulated, retried])
            Assert.Empty(traded.Canary.Find("a decision", Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Reads an answer, or the first part of one that never ends.</summary>
    private static async Task<byte[]> Read(HttpResponseMessage answer)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "text/event-stream")
            return await answer.Content.ReadAsByteArrayAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var stream = await answer.Content.ReadAsStreamAsync(limit.Token);
        var buffer = new byte[64 * 1024];
        return buffer[..await stream.ReadAsync(buffer, limit.Token)];
    }

    private static readonly object Fix = new { address = new { country = "Ireland" } };

    /// <summary>Returns the address of every route that reads, for the customer, orders and the dead letter.</summary>
    private IEnumerable<string> Paths()
    {
        var patterns = traded.Shop.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") == true)
            .Where(endpoint =>
                endpoint.RoutePattern.RawText?.StartsWith("/millrace", StringComparison.Ordinal) == true);
        foreach (var pattern in patterns.Select(endpoint => endpoint.RoutePattern).Where(HasKnownValues))
            yield return string.Join('/', pattern.PathSegments.Select(TextOf)).Insert(0, "/");
        foreach (var stream in traded.Streams)
        {
            yield return $"/millrace/streams?stream={stream}";
            yield return $"/millrace/why?stream={stream}";
            yield return $"/millrace/at?stream={stream}";
            yield return $"/millrace/at?stream={stream}&when=1&and=now";
        }
        foreach (var (model, key) in traded.Documents)
        {
            yield return $"/millrace/why/{model}/{key}";
            yield return $"/millrace/why?path={model}/{key}";
        }
        yield return $"/millrace/why/customers/{traded.Customer}?member=email";
        yield return "/millrace/dead-letters?state=parked&state=waiting&state=retryAt";
        yield return "/millrace/projections/orders@3/comparison?examples=10";
        yield return "/millrace/processes/fulfilment/instances";
    }

    private static bool HasKnownValues(RoutePattern pattern) =>
        pattern.Parameters.All(parameter => ValueOf(parameter.Name) is not null);

    private string TextOf(RoutePatternPathSegment segment) => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternParameterPart { Name: "id" } => $"{traded.Letter}",
        RoutePatternParameterPart parameter => ValueOf(parameter.Name),
        _ => "",
    }));

    private static string? ValueOf(string parameter) => parameter switch
    {
        "id" => "1",
        "name" => "fulfilment",
        "stream" => "$protection",
        _ => null,
    };

    private async Task<string> Post(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>A shop with a customer, a cancelled order, and the dead letter of an order to an unknown country.
    /// </summary>
    public sealed class TradedShop : IAsyncLifetime, IDisposable
    {
        internal Canary Canary { get; } = new();

        public RunningShop Shop { get; } = new();

        public string Customer { get; private set; } = "";

        public long Letter { get; private set; }

        public IReadOnlyList<string> Streams { get; private set; } = [];

        public IReadOnlyList<(string Model, string Key)> Documents { get; private set; } = [];

        public async Task InitializeAsync()
        {
            await Shop.InitializeAsync();
            var product = await Shop.GivenProduct();
            var created = await RunningShop.Json(
                await Shop.Post("/api/customers", new { username = Canary.Name, email = Canary.Email }));
            Customer = created["customerId"]!.GetValue<string>();
            var cancelled = await Order(product, "Ireland");
            var unknown = await Order(product, "Atlantis");
            var answer = await Shop.Post($"/api/orders/{cancelled}/cancel", new { reason = $"moves to {Canary.City}" });
            await RunningShop.Json(await Shop.Get($"/api/orders/{cancelled}", answer));
            await Eventually.Get(
                () => Shop.Http.GetAsync($"/api/customers/{Customer}"), found => found.StatusCode == HttpStatusCode.OK);
            var letters = await Eventually.Get(
                async () => await RunningShop.Json(
                    await Shop.Http.GetAsync($"/millrace/dead-letters?stream=order-{unknown}&state=parked")),
                found => found.AsArray().Count > 0);
            Letter = letters[0]!["id"]!.GetValue<long>();
            Streams = [$"customer-{Customer}", $"order-{cancelled}", $"order-{unknown}"];
            Documents = [("customers", Customer), ("orders", cancelled), ("orders", unknown), ("parcels", cancelled)];
        }

        public Task DisposeAsync() => Shop.DisposeAsync();

        public void Dispose() => Shop.Dispose();

        private async Task<string> Order(string product, string country)
        {
            var order = await RunningShop.Json(
                await Shop.Post("/api/orders", Canary.OrderOf(Customer, product, country)));
            return order["orderId"]!.GetValue<string>();
        }
    }
}
