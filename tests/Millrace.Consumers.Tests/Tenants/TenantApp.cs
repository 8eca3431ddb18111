using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Tests;

/// <summary>A running application with tenants.</summary>
internal sealed class TenantApp : IAsyncDisposable
{
    private readonly IHost _host;

    private TenantApp(IHost host) => _host = host;

    public IServiceProvider Services => _host.Services;

    public Tenants Tenants => Services.GetRequiredService<Tenants>();

    public static async Task<TenantApp> Start(
        TenantTestStore testStore, Action<TenantOptions>? tenants = null, Action<MillraceBuilder>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        // As in a development environment, captured scoped services are refused.
        builder.ConfigureContainer(
            new DefaultServiceProviderFactory(
                new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true }
            )
        );
        builder.Services.AddMillrace(millrace =>
        {
            testStore.AddTo(millrace).AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))
                .WithTenants(options => options.CreatesOnDemand = true)
                .ConfigureConsumers(TestNode.UseShortIntervals);
            if (tenants is not null)
                millrace.WithTenants(tenants);
            configure?.Invoke(millrace);
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TenantApp(host);
    }

    public Task<TenantScope> Enter(string tenant) => Tenants.Enter(new TenantId(tenant));

    public async Task<ConsistencyToken> Append(string tenant, string ship, params object[] events)
    {
        await using var scope = await Enter(tenant);
        return (await scope.Store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, events)).Token;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
