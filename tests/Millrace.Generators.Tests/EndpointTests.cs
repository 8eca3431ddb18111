using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests a generated model over HTTP. Members are read from the body, the route and the query string, and errors name
/// them.
/// </summary>
public sealed class EndpointTests : IAsyncLifetime, IDisposable
{
    private readonly OrderId _order = OrderId.New();
    private readonly WebApplication _app = CreateApplication();
    private readonly HttpClient _client = new();

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_command_is_read_from_its_body_and_its_route()
    {
        var placed = await _client.PostAsJsonAsync(
            "/orders", new { order = _order, total = new { amount = 12.5, currency = "EUR" } });
        var paid = await _client.PostAsJsonAsync($"/orders/{_order}/pay", new { payment = "card" });

        Assert.Equal(HttpStatusCode.NoContent, placed.StatusCode);
        Assert.Equal("""{"payment":"card"}""", await paid.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"order":"0193f0c2-0000-7000-8000-000000000001","total":{"amount":"much","currency":"EUR"}}""", "amount")]
    [InlineData("""{"order":"0193f0c2-0000-7000-8000-000000000001","total":{"amount":1,"currency":"EURO"}}""", "total")]
    [InlineData("""{"order":"00000000-0000-0000-0000-000000000000","total":{"amount":1,"currency":"EUR"}}""", "order")]
    [InlineData("""{"order":"0193f0c2-0000-7000-8000-000000000001"}""", "total")]
    public async Task An_invalid_member_is_named_in_the_answer(string body, string member)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var refused = await _client.PostAsync(new Uri("/orders", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains($"\"{member}\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invalid_id_in_a_route_is_refused()
    {
        var refused = await _client.PostAsJsonAsync("/orders/nonsense/pay", new { payment = "card" });

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task A_query_is_read_from_the_query_string()
    {
        Assert.Equal("-1", await _client.GetStringAsync(new Uri("/count?status=paidInFull", UriKind.Relative)));
        Assert.Equal("-1", await _client.GetStringAsync(new Uri("/count", UriKind.Relative)));
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await _client.GetAsync(new Uri("/count?status=lost", UriKind.Relative))).StatusCode);
    }

    private static WebApplication CreateApplication()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().AddModel<ShopModel>());
        var app = builder.Build();
        app.MapCommand<PlaceOrder>("/orders");
        app.MapCommand<PayOrder>("/orders/{order}/pay");
        app.MapQuery<CountOrders>("/count");
        return app;
    }
}
