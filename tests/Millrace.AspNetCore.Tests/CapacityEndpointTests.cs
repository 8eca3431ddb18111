using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators read and set the number of nodes over HTTP.</summary>
public sealed class CapacityEndpointTests
{
    private const string Route = "/millrace/capacity";

    [Fact]
    public async Task An_operator_reads_and_sets_the_number_within_the_bounds()
    {
        await using var app = await Start();
        await Testing.Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>(Route), status => status.TryGetProperty("nodes", out _));

        using var set = await app.Client.PostAsJsonAsync(Route, new { nodes = 2, reason = "sale" });
        var change = await set.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(
            (2, 1, "Operator", "ada"),
            (change.GetProperty("nodes").GetInt32(), change.GetProperty("previousNodes").GetInt32(),
                change.GetProperty("reason").GetString(), change.GetProperty("by").GetString()));
        foreach (var body in (object[])[new { nodes = 5, reason = "sale" }, new { reason = "sale" }, new { nodes = 2 }])
            Assert.Equal(
                (400, "malformed-request"), await (await app.Client.PostAsJsonAsync(Route, body)).Problem());
    }

    [Fact]
    public async Task Without_capacity_there_is_no_route_and_only_operators_may_read()
    {
        await using var plain = await OperatorsApp.Start();
        await using var app = await Start(user: "bob");

        Assert.Equal(HttpStatusCode.NotFound, (await plain.Client.GetAsync(Route)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Route)).StatusCode);
    }

    private static Task<LibraryApp> Start(string user = "ada") => OperatorsApp.Start(
        millrace: millrace => millrace
            .UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1))
            .UseCapacity(
                _ => new CapacityScript("true"),
                options => (options.Interval, options.AddAfter) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)),
        user: user);
}
