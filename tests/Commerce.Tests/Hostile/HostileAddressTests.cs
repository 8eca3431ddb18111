using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Commerce.Tests.Hostile;

/// <summary>Tests routes, query strings and headers that only a malicious client sends.</summary>
public sealed class HostileAddressTests(RunningShop shop) : IClassFixture<RunningShop>
{
    private static readonly UriCreationOptions RawUri = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static readonly string[] Routes =
    [
        "/api/products/{0}",
        "/api/orders/{0}",
        "/api/customers/{0}",
        "/api/payments/{0}",
        "/api/inventory/{0}",
        "/api/statistics/{0}",
    ];

    private static readonly string[] Queries =
    [
        "/api/products?category={0}",
        "/api/products?minPrice={0}",
        "/api/products?page={0}",
        "/api/products?pageSize={0}",
        "/api/products?available={0}",
        "/api/orders?number={0}",
        "/api/orders?status={0}",
        "/api/orders?customer={0}",
        "/api/orders?after={0}",
        "/api/orders?wait={0}",
        "/api/inventory?warehouse={0}",
        "/api/products?{0}={0}",
    ];

    public static TheoryData<string> Kinds => new(HostileTexts.All.Keys);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_route_or_a_query_string_with_any_text_is_answered_or_refused(string kind)
    {
        var text = HostileTexts.All[kind];
        if (text.Length > 500)
            text = text[..500]; // Kestrel refuses longer lines before the application.
        // Kestrel also refuses a NUL in a route. An empty text would result in another route.
        var isRoute = text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal);
        var before = await shop.LastEvent();
        var problems = new List<string>();
        foreach (var pattern in isRoute ? [.. Routes, .. Queries] : Queries)
        {
            var address = pattern.Replace("{0}", Uri.EscapeDataString(text), StringComparison.Ordinal);
            using var answer = await shop.Http.GetAsync(Exactly(address));
            if (await Refusal.ProblemUnlessDone(answer) is { } problem)
                problems.Add($"{address}: {problem}");
        }

        Refusal.AssertNone(problems);
        Assert.Equal(before, await shop.LastEvent());
    }

    [Theory]
    [InlineData("/api/products/%00")]
    [InlineData("/api/products/%ED%A0%80")]
    [InlineData("/api/products/%C0%AF")]
    [InlineData("/api/products/%FF%FE")]
    [InlineData("/api/products/%")]
    [InlineData("/api/products/%zz")]
    [InlineData("/api/products/%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("/api/products/..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/api/products/%252e%252e%252f")]
    [InlineData("/..%2f..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("//etc/passwd")]
    [InlineData("/shop.js%00.html")]
    [InlineData("/shop.css%2f..%2f..%2fCommerce.dll")]
    [InlineData("/Commerce.dll")]
    [InlineData("/../shop.db")]
    [InlineData("/api/orders/%F0%9F%AB%96")]
    [InlineData("/api/orders?number=%ED%A0%80%ff&status=%00")]
    [InlineData("/api/products?page=1&page=2")]
    [InlineData("/api/products?&&&===&page")]
    [InlineData("/api/products?page=99999999999999999999")]
    [InlineData("/api/products?pageSize=-1")]
    [InlineData("/api/products?minPrice=1e999&maxPrice=NaN")]
    [InlineData("/api/orders?wait=99999999.00:00:00")]
    [InlineData("/api/orders?wait=-00:00:01")]
    [InlineData("/api/live/../products/x")]
    public async Task A_misleading_address_is_answered_or_refused(string address)
    {
        var before = await shop.LastEvent();

        var (status, text) = await Raw($"GET {address} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n");

        Assert.True(status is 200 or 400 or 404, $"{status}: {text}");
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Equal(before, await shop.LastEvent());
    }

    [Theory]
    [InlineData("Millrace-Token: nonsense", 400)]
    [InlineData("Millrace-Token: 99999999999999999999-99999999999999999999", 400)]
    [InlineData("Millrace-Token: \u0001", 400)]
    [InlineData("Accept: text/html;q=nonsense", 200)]
    [InlineData("Accept-Encoding: \"", 200)]
    [InlineData("X-Forwarded-For: ' OR 1=1", 200)]
    [InlineData("traceparent: 00-zz-zz-zz", 200)]
    public async Task A_header_of_a_query_is_ignored_or_refused(string header, int expected)
    {
        var (status, text) = await Raw(
            $"GET /api/products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{header}\r\n\r\n");

        Assert.True(status == expected, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("x", 257)]
    [InlineData("é", 257)]
    [InlineData("\"", 1)]
    [InlineData("key with blanks; and = signs", 1)]
    [InlineData("twice\r\nIdempotency-Key: given", 1)]
    public async Task An_idempotency_key_is_accepted_or_refused(string key, int times = 1)
    {
        var before = await shop.LastEvent();
        var value = string.Concat(Enumerable.Repeat(key, times));
        const string Body = """{"name":"Mug","price":1}""";

        var (status, text) = await Raw(
            "POST /api/products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Type: application/json\r\n"
            + $"Idempotency-Key: {value}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        Assert.True(status is 201 or 400, text);
        Assert.Equal(status == 201, before != await shop.LastEvent());
    }

    [Theory]
    [InlineData("PATCH", "/api/products")]
    [InlineData("TRACE", "/api/products")]
    [InlineData("DELETE", "/api/orders")]
    [InlineData("POST", "/api/statistics")]
    [InlineData("BREW", "/api/products")]
    public async Task Another_method_is_refused_with_a_problem(string method, string path)
    {
        using var answer = await shop.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("method-not-allowed", await RunningShop.Error(answer));
    }

    [Fact]
    public async Task An_aborted_request_writes_nothing()
    {
        var before = await shop.LastEvent();
        foreach (var rest in (string[])
        [
            "Content-Length: 40\r\n\r\n{\"name\":\"Mug\",\"price\":1}",
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
            "Content-Length: 1\r\n",
        ])
        {
            var sent = "POST /api/products HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n" + rest;
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, shop.Http.BaseAddress!.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        }

        Assert.True((await shop.Http.GetAsync("/api/products")).IsSuccessStatusCode);
        Assert.Equal(before, await shop.LastEvent());
    }

    /// <summary>Sends the exact bytes of a request, because HTTP libraries normalize addresses.</summary>
    private async Task<(int Status, string Text)> Raw(string request)
    {
        using var client = new TcpClient();
        // The address exists, because the shop is running.
        await client.ConnectAsync(IPAddress.Loopback, shop.Http.BaseAddress!.Port);
        var stream = client.GetStream();
        var signedIn = request.Replace(
            "Host: shop\r\n", $"Host: 127.0.0.1\r\nCookie: {shop.Cookie}\r\n", StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(signedIn));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(limit.Token);
        return (int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), text);
    }

    private Uri Exactly(string address) =>
        new($"http://{shop.Http.BaseAddress!.Authority}{address}", RawUri);
}
