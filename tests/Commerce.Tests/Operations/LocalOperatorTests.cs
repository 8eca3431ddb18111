using System.Net;
using System.Net.Http.Json;

namespace Commerce.Tests.Operations;

/// <summary>
/// Tests that an operator, signed in on the machine of the shop, may operate it, and that a page of another site in
/// the same browser may not.
/// </summary>
public sealed class LocalOperatorTests(RunningShop shop) : IClassFixture<RunningShop>
{
    [Theory]
    [InlineData(null, null, HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "none", HttpStatusCode.OK)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Unauthorized)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Unauthorized)]
    [InlineData("Origin", "https://elsewhere.example", HttpStatusCode.Unauthorized)]
    [InlineData("Origin", "null", HttpStatusCode.Unauthorized)]
    [InlineData("Origin", "http://localhost:1", HttpStatusCode.Unauthorized)]
    [InlineData("Host", "shop.example", HttpStatusCode.Unauthorized)]
    public async Task A_request_is_authorized_by_its_origin(string? header, string? value, HttpStatusCode expected)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/millrace/projections");
        if (header is not null)
            request.Headers.Add(header, value);

        var answer = await shop.Http.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK)
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task The_page_of_the_shop_may_decide_and_the_decision_names_the_operator()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/millrace");
        // xUnit starts the fixture before any test.
        request.Headers.Add("Origin", shop.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));

        var me = await RunningShop.Json(await shop.Http.SendAsync(request));

        Assert.Equal("""{"name":"demo-manager-operator-auditor","mayDecide":true}""", me.ToJsonString());
    }

    [Fact]
    public async Task A_read_only_shop_refuses_decisions()
    {
        using var data = new TemporaryDirectory();
        var options = ShopOptions.Parse(["--data", data.Path, "--no-simulation", "--look-only"]);
        await using var app = ShopApplication.Create(options, port: 0);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await Staff.SignIn(http, http.BaseAddress);

        var me = await RunningShop.Json(await http.GetAsync("/millrace"));
        var decided = await http.PostAsJsonAsync("/millrace/projections/orders/build", new { });

        Assert.False(me["mayDecide"]!.GetValue<bool>());
        Assert.Equal(HttpStatusCode.NotFound, decided.StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task Every_answer_forbids_scripts_of_other_sites()
    {
        foreach (var path in (string[])["/", "/shop.js", "/api/statistics", "/millrace", "/nowhere"])
        {
            var policy = (await shop.Http.GetAsync(path)).Headers.GetValues("Content-Security-Policy").Single();

            Assert.Contains("default-src 'none'; script-src 'self'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        }
    }
}
