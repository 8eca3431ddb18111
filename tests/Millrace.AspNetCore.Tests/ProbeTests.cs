using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Millrace.AspNetCore.Probes;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests the probes of a node over HTTP.</summary>
public sealed class ProbeTests
{
    private const string Healthy = "{\"status\":\"healthy\"}";
    private const string Unhealthy = "{\"status\":\"unhealthy\"}";

    [Fact]
    public async Task A_started_node_is_live_started_and_ready()
    {
        await using var app = await Start();
        await UntilReady(app);

        foreach (var probe in new[] { "/livez", "/readyz", "/startupz" })
        {
            using var response = await app.Client.GetAsync(probe);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal(Healthy, await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task A_node_that_loses_its_store_is_live_but_not_ready_until_the_store_answers()
    {
        var isLost = false;
        var storage = new FaultInjectingStorage(new InMemoryStorage())
        {
            BeforeRead = () => Volatile.Read(ref isLost)
                ? throw new StorageException("The server of the secret host is lost.", StorageProblem.Unavailable)
                : ValueTask.CompletedTask,
        };
        await using var app = await Start(
            builder => builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => storage)));
        await UntilReady(app);

        Volatile.Write(ref isLost, true);
        await Eventually.Get(() => Get(app, "/readyz"), one => one == (HttpStatusCode.ServiceUnavailable, Unhealthy));
        Assert.Equal((HttpStatusCode.OK, Healthy), await Get(app, "/livez"));
        Assert.Equal((HttpStatusCode.OK, Healthy), await Get(app, "/startupz"));

        Volatile.Write(ref isLost, false);
        await UntilReady(app);
    }

    [Fact]
    public async Task A_draining_node_is_not_ready_and_closes_the_connections_of_requests_that_it_serves()
    {
        await using var app = await Start();
        await UntilReady(app);
        using var before = await app.Client.GetAsync("/livez");
        Assert.Null(before.Headers.ConnectionClose);

        app.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        Assert.True(app.Services.GetRequiredService<NodeDrain>().IsDraining);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, Unhealthy), await Get(app, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, Healthy), await Get(app, "/livez"));
        await app.Add();
        using var response = await app.Client.GetAsync("/livez");
        Assert.True(response.Headers.ConnectionClose);
    }

    [Fact]
    public async Task A_stopping_node_serves_requests_until_the_drain_ends()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        builder.Services.AddMillraceProbes(drain => drain.Delay = TimeSpan.FromMinutes(5));
        await using var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapMillraceProbes();
        app.MapGet("/events", async (EventStore store) => (await store.GetInfo()).Events);
        var health = app.Services.GetRequiredService<NodeHealth>();
        Assert.False(health.IsStarted || health.IsReady);
        await app.StartAsync();
        Assert.True(health.IsStarted);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        await Eventually.Until(() => health.IsReady);

        using var ending = new CancellationTokenSource();
        var stop = app.StopAsync(ending.Token);
        Assert.False(health.IsReady);
        Assert.Equal("0", await client.GetStringAsync("/events"));
        Assert.False(stop.IsCompleted);

        await ending.CancelAsync();
        await stop;
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("/events"));
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(15, false)]
    public async Task A_shutdown_timeout_that_is_too_short_for_the_drain_is_logged(int seconds, bool isLogged)
    {
        using var log = new RecordedLog();
        var host = Options.Create(new HostOptions { ShutdownTimeout = TimeSpan.FromSeconds(seconds) });
        await using var services = new ServiceCollection()
            .AddMillraceNodeHealth()
            .BuildServiceProvider();

        var check = new ShutdownTimeoutCheck(
            services.GetRequiredService<NodeDrain>(), host, new Logger<ShutdownTimeoutCheck>(log));
        await check.StartAsync(CancellationToken.None);

        Assert.Equal(isLogged, log.Entries.Any(entry => entry is { Level: LogLevel.Warning, Id: 5025 }));
    }

    [Fact]
    public async Task Probes_run_the_checks_of_the_application_with_their_tag()
    {
        await using var app = await Start(builder => builder.Services.AddHealthChecks()
            .AddCheck("warm", () => HealthCheckResult.Unhealthy(), [ProbeTags.Ready])
            .AddCheck("slow", () => HealthCheckResult.Degraded(), [ProbeTags.Live])
            .AddMillrace());
        await Eventually.Until(() => app.Services.GetRequiredService<NodeHealth>().IsReady);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, Unhealthy), await Get(app, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "{\"status\":\"degraded\"}"), await Get(app, "/livez"));
        Assert.Equal((HttpStatusCode.OK, Healthy), await Get(app, "/startupz"));
    }

    [Fact]
    public async Task Paths_can_be_chosen_and_no_middleware_refuses_a_probe()
    {
        await using var app = await LibraryApp.Start(
            builder => builder.Services.AddMillraceProbes(drain => drain.Delay = TimeSpan.Zero),
            web =>
            {
                web.Use((HttpContext http, RequestDelegate _) =>
                {
                    http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                    return Task.CompletedTask;
                });
                web.MapMillraceProbes(probes => probes.ReadyPath = "/status/ready");
            });
        await Eventually.Get(() => Get(app, "/status/ready"), one => one == (HttpStatusCode.OK, Healthy));

        Assert.Equal(HttpStatusCode.Unauthorized, (await Get(app, "/readyz")).Status);
    }

    [Fact]
    public async Task Probes_with_a_mistake_are_refused()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => LibraryApp.Start(
            map: web => web.MapMillraceProbes()));
        await Assert.ThrowsAsync<ArgumentException>(() => Start(
            map: web => web.MapMillraceProbes(probes => probes.LivePath = "live")));
        await Assert.ThrowsAsync<ArgumentException>(() => Start(
            map: web => web.MapMillraceProbes(probes => probes.LivePath = probes.ReadyPath)));
    }

    private static Task<LibraryApp> Start(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null) =>
        LibraryApp.Start(
            builder =>
            {
                builder.Services.AddMillraceProbes(drain => drain.Delay = TimeSpan.Zero);
                configure?.Invoke(builder);
            },
            map ?? (static web => web.MapMillraceProbes()));

    private static async Task UntilReady(LibraryApp app) =>
        await Eventually.Get(() => Get(app, "/readyz"), static one => one == (HttpStatusCode.OK, Healthy));

    private static async Task<(HttpStatusCode Status, string Text)> Get(LibraryApp app, string path)
    {
        using var response = await app.Client.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
