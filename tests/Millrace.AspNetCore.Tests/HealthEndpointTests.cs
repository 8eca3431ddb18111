using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage.InMemory;

namespace Millrace.AspNetCore.Tests;

public sealed class HealthEndpointTests
{
    [Fact]
    public async Task A_running_node_is_healthy()
    {
        await using var app = await LibraryApp.Start();

        var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var health = await response.Json();
        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(1, health.GetProperty("consumers").EnumerateObject().Sum(state => state.Value.GetInt32()));
    }

    [Fact]
    public async Task A_node_that_audits_its_log_says_how_far_and_what_it_found()
    {
        await using var app = await LibraryApp.Start(builder => builder.Services.AddMillrace(millrace => millrace.AddLogAudit()));

        var health = await (await app.Client.GetAsync("/health")).Json();

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(0, health.GetProperty("audit").GetProperty("problems").GetInt64());
        Assert.True(health.GetProperty("audit").GetProperty("position").GetInt64() >= 0);
    }

    [Fact]
    public async Task A_node_whose_store_cannot_be_read_is_not()
    {
        var storage = new InMemoryStorage();
        await using var app = await LibraryApp.Start(
            builder => builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => storage)));
        await storage.DisposeAsync();

        var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("unhealthy", (await response.Json()).GetProperty("status").GetString());
    }
}
