using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
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
    public async Task A_node_that_audits_its_log_reports_its_progress_and_findings()
    {
        await using var app = await LibraryApp.Start(builder =>
            builder.Services.AddMillrace(millrace => millrace.AddLogAudit()));

        var health = await (await app.Client.GetAsync("/health")).Json();

        Assert.Equal("healthy", health.GetProperty("status").GetString());
        Assert.Equal(0, health.GetProperty("audit").GetProperty("problems").GetInt64());
        Assert.True(health.GetProperty("audit").GetProperty("position").GetInt64() >= 0);
    }

    [Fact]
    public async Task The_health_checks_of_ASP_NET_Core_show_the_same_state()
    {
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddMillrace(millrace => millrace.AddLogAudit());
                builder.Services.AddHealthChecks().AddMillrace();
            },
            web =>
                web.MapHealthChecks(
                    "/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") }));

        var ready = await app.Client.GetAsync("/ready");
        var report = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

        Assert.Equal((HttpStatusCode.OK, "Healthy"), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        var check = report.Entries["millrace"];
        Assert.Equal(HealthStatus.Healthy, check.Status);
        Assert.Equal(
            1,
            check
                .Data.Where(data => data.Key.StartsWith("consumers.", StringComparison.Ordinal))
                .Sum(data => (int)data.Value));
        Assert.Equal(0L, check.Data["audit.problems"]);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.ServiceUnavailable, "Unhealthy")]
    [InlineData(HealthStatus.Degraded, HttpStatusCode.OK, "Degraded")]
    public async Task A_failing_health_check_reports_the_registered_failure_status(
        HealthStatus? failure, HttpStatusCode status, string text)
    {
        var storage = new InMemoryStorage();
        await using var app = await LibraryApp.Start(
            builder =>
            {
                builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => storage));
                builder.Services.AddHealthChecks().AddMillrace(failureStatus: failure);
            },
            web => web.MapHealthChecks("/ready"));
        await storage.DisposeAsync();

        var ready = await app.Client.GetAsync("/ready");
        var health = await app.Client.GetAsync("/health");

        Assert.Equal((status, text), (ready.StatusCode, await ready.Content.ReadAsStringAsync()));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }

    [Fact]
    public async Task A_node_whose_store_cannot_be_read_is_unhealthy()
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
