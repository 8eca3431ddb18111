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
    [InlineData("Forwarded", "for=192.0.2.1", HttpStatusCode.Unauthorized)]
    [InlineData("X-Forwarded-For", "192.0.2.1", HttpStatusCode.Unauthorized)]
    [InlineData("X-Forwarded-Host", "localhost", HttpStatusCode.Unauthorized)]
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

        Assert.Equal("demo-manager-operator-auditor", me["name"]!.GetValue<string>());
        Assert.True(me["mayDecide"]!.GetValue<bool>());
        var actions = me["actions"]!.AsArray().Select(static action => action!.GetValue<string>());
        Assert.Contains("consumers.decide", actions);
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
        var erased = await http.PostAsJsonAsync($"/api/customers/{Guid.NewGuid()}/erasure", new { reason = "no" });
        Assert.Equal(HttpStatusCode.MethodNotAllowed, erased.StatusCode);
        await app.StopAsync();
    }

    [Fact]
    public async Task A_shop_without_the_demo_sign_in_accepts_no_role_and_no_earlier_cookie()
    {
        using var data = new TemporaryDirectory();
        var secrets = Path.Combine(data.Path, "own");
        using var http = new HttpClient();
        await using (var before = await Start("--demo-sign-in"))
        {
            http.BaseAddress = new Uri(before.Urls.First());
            await Staff.SignIn(http, http.BaseAddress);
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/api/orders")).StatusCode);
            await before.StopAsync();
        }
        await using var shop = await Start();
        var address = new Uri(shop.Urls.First()); // The cookie is for this host and any port.

        var signedIn = await http.PostAsJsonAsync(new Uri(address, "/api/session"), new { roles = Staff.All });
        var session = await RunningShop.Json(await http.GetAsync(new Uri(address, "/api/session")));
        var orders = await http.GetAsync(new Uri(address, "/api/orders"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, signedIn.StatusCode);
        Assert.Empty(session["choices"]!.AsArray());
        Assert.Equal(HttpStatusCode.Unauthorized, orders.StatusCode);
        await shop.StopAsync();

        async Task<Microsoft.AspNetCore.Builder.WebApplication> Start(params string[] further)
        {
            var app = ShopApplication.Create(
                ShopOptions.Parse(["--data", data.Path, "--no-simulation", "--secrets", secrets, .. further]), port: 0);
            await app.StartAsync();
            return app;
        }
    }

    [Theory]
    [InlineData(true, "--data", "x")]
    [InlineData(false, "--no-demo-sign-in", "--data", "x")]
    [InlineData(false, "--secrets", "x")]
    [InlineData(true, "--secrets", "x", "--demo-sign-in")]
    public void The_demo_sign_in_is_off_with_own_secrets(bool isAllowed, params string[] arguments) =>
        Assert.Equal(isAllowed, ShopOptions.Parse(arguments).AllowsDemoSignIn);

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
