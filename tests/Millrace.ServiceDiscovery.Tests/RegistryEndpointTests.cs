using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ServiceDiscovery;
using Millrace.Testing;

namespace Millrace.ServiceDiscovery.Tests;

/// <summary>Tests that an <see cref="HttpClient"/> reaches the live instances of a service by its name.</summary>
public sealed class RegistryEndpointTests : IAsyncLifetime
{
    private readonly List<WebApplication> _hosts = [];
    private IHost? _caller;

    private IServiceRegistry Registry => _caller!.Services.GetRequiredService<IServiceRegistry>();

    private HttpClient Client => _caller!.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

    public async Task InitializeAsync() => _caller = await StartCaller();

    public async Task DisposeAsync()
    {
        _caller?.Dispose();
        foreach (var host in _hosts)
            await host.DisposeAsync();
    }

    [Fact]
    public async Task A_name_is_resolved_to_all_registered_instances()
    {
        await Registry.Register(await Host("one"), TimeSpan.FromMinutes(1));
        await Registry.Register(await Host("two"), TimeSpan.FromMinutes(1));

        Assert.Equal(["one", "two"], await RequestTenTimes());
    }

    [Fact]
    public async Task A_new_instance_is_used_and_a_deregistered_instance_is_not()
    {
        var first = await Host("one");
        await Registry.Register(first, TimeSpan.FromMinutes(1));
        Assert.Equal("one", await Client.GetStringAsync("http://orders/who"));

        await Registry.Register(await Host("two"), TimeSpan.FromMinutes(1));
        await Eventually.Get(() => Client.GetStringAsync("http://orders/who"), who => who == "two");
        await Registry.Deregister("orders", first.Id);

        await Eventually.Get(RequestTenTimes, answers => answers.SequenceEqual(["two"]));
        Assert.Equal(["two"], await RequestTenTimes());
    }

    [Fact]
    public async Task An_unhealthy_instance_is_not_used()
    {
        var unhealthy = await Host("unhealthy");
        await Registry.Register(unhealthy, TimeSpan.FromMinutes(1));
        await Registry.Register(await Host("healthy"), TimeSpan.FromMinutes(1));
        Assert.Equal(2, (await Resolve()).Count);

        await Registry.Heartbeat("orders", unhealthy.Id, ServiceHealth.Critical);

        await Eventually.Get(Resolve, endpoints => endpoints.Count == 1);
        await Eventually.Get(RequestTenTimes, answers => answers.SequenceEqual(["healthy"]));
    }

    [Fact]
    public async Task The_name_of_an_endpoint_selects_instances_by_tag()
    {
        await Registry.Register(await Host("plain"), TimeSpan.FromMinutes(1));
        await Registry.Register(await Host("admin") with { Tags = ["admin"] }, TimeSpan.FromMinutes(1));

        for (var request = 0; request < 4; request++)
            Assert.Equal("admin", await Client.GetStringAsync("http://_admin.orders/who"));
    }

    [Fact]
    public async Task A_client_that_allows_both_schemes_uses_the_registered_scheme()
    {
        await Registry.Register(await Host("one"), TimeSpan.FromMinutes(1));

        Assert.Equal("one", await Client.GetStringAsync("https+http://orders/who"));
    }

    [Fact]
    public async Task An_address_that_is_not_a_service_is_used_unchanged()
    {
        var host = await Host("one");

        Assert.Equal("one", await Client.GetStringAsync($"http://localhost:{host.Port}/who"));
    }

    [Fact]
    public async Task Endpoints_of_the_configuration_take_precedence()
    {
        var (registered, configured) = (await Host("registered"), await Host("configured"));
        using var caller = await StartCaller($"http://127.0.0.1:{configured.Port}");
        await caller.Services.GetRequiredService<IServiceRegistry>().Register(registered, TimeSpan.FromMinutes(1));
        var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient();

        Assert.Equal("configured", await client.GetStringAsync("http://orders/who"));
    }

    /// <summary>Sends ten requests and returns the names of the instances that answer.</summary>
    private async Task<IReadOnlyList<string>> RequestTenTimes()
    {
        var answers = new SortedSet<string>(StringComparer.Ordinal);
        for (var request = 0; request < 10; request++)
            answers.Add(await Client.GetStringAsync("http://orders/who"));
        return [.. answers];
    }

    /// <summary>Returns the endpoints that the resolver currently returns.</summary>
    private async Task<IReadOnlyList<ServiceEndpoint>> Resolve() =>
        (
            await _caller!
                .Services.GetRequiredService<ServiceEndpointResolver>()
                .GetEndpointsAsync("http://orders", default)
        ).Endpoints;

    /// <summary>Starts a service that answers with its name.</summary>
    private async Task<ServiceInstance> Host(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var host = builder.Build();
        _hosts.Add(host);
        host.Urls.Add($"http://{IPAddress.Loopback}:0");
        host.MapGet("/who", () => Results.Text(name));
        await host.StartAsync();
        return new ServiceInstance(name, "orders", "127.0.0.1", new Uri(host.Urls.First()).Port);
    }

    private static async Task<IHost> StartCaller(string? configured = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        if (configured is not null)
            builder.Configuration["Services:orders:http:0"] = configured;
        builder.Services.AddMillrace(millrace => millrace.UseInMemory());
        builder.Services.AddServiceDiscovery().AddMillraceServiceEndpointProvider();
        builder.Services.ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
