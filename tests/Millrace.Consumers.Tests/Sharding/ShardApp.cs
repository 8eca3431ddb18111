using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>A running node of an application whose tenants are distributed over shards.</summary>
internal sealed class ShardApp : IAsyncDisposable
{
    private readonly IHost _host;

    private ShardApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Tenants Tenants => Services.GetRequiredService<Tenants>();

    public Shards Shards => Services.GetRequiredService<Shards>();

    public static void UseShortIntervals(ShardOptions options) =>
        (options.CheckEvery, options.CheckTimeout, options.OpenTimeout) =
            (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60));

    public static async Task<ShardApp> Start(
        Action<MillraceBuilder> useShards, Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.ConfigureContainer(
            new DefaultServiceProviderFactory(
                new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }));
        builder.Services.AddMillrace(millrace =>
        {
            useShards(millrace);
            millrace.AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))
                .WithTenants(options => options.CreatesOnDemand = true)
                .ConfigureConsumers(TestNode.UseShortIntervals);
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new ShardApp(host);
    }

    /// <summary>Loads crates on the ship 'ada' of a tenant, and returns the crates of its read model.</summary>
    public async Task<int> Load(string tenant, int crates)
    {
        await using var scope = await Tenants.Enter(new TenantId(tenant));
        var appended = await scope.Store.Append(
            Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", crates)]);
        var cargo = await scope.ReadModel<string, Cargo>().Get("ada", appended.Token);
        return cargo.Value!.Crates; // The event was handled.
    }

    public ShardState StateOf(string shard) =>
        Shards.ListObserved().Single(status => status.Shard.Value == shard).State;

    /// <summary>Waits until this node sees a shard in a state.</summary>
    public Task WaitUntil(string shard, ShardState state) =>
        Eventually.Get(() => Task.FromResult(StateOf(shard)), seen => seen == state);

    /// <summary>Returns the numbers of tenants by shard.</summary>
    public async Task<Dictionary<string, long?>> CountTenants() =>
        (await Shards.List()).ToDictionary(status => status.Shard.Value, status => status.Tenants);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
