using Microsoft.Extensions.DependencyInjection;
using Millrace.Messaging;

namespace Millrace.Tests;

/// <summary>Tests that an application with tenants registers only once, and not for each tenant.</summary>
public sealed class TenantRegistryTests
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromMinutes(30);

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task An_application_registers_in_the_store_that_its_tenants_share(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);
        var registry = app.Services.GetRequiredService<IServiceRegistry>();

        await using var registrar = await ServiceRegistrar.Register(
            registry, new ServiceInstance("harbour-1", "harbour", "127.0.0.1", 8080), TimeToLive);

        using (var pick = await app.Services.GetRequiredService<ServicePicker>().Pick("harbour"))
            Assert.Equal("harbour-1", pick.Instance.Id);
        await using (var scope = await app.Enter("kiel"))
        {
            Assert.Same(registry, scope.Services.GetRequiredService<IServiceRegistry>());
            var collections = await scope.Store.Storage.Documents.List(CancellationToken.None);
            Assert.DoesNotContain(
                collections,
                static collection => collection.Definition.Name.Contains("services", StringComparison.Ordinal));
        }
        var report = await ServiceReport.Of(registry, app.Services.GetRequiredService<Transports>());
        Assert.Equal("harbour-1", Assert.Single(report.Registered).Id);
        await using var sharedStore = await testStore.OpenSharedStore();
        // Another service finds the registration in the shared store.
        Assert.Equal("harbour-1", Assert.Single(await new StoreRegistry(sharedStore).Find("harbour")).Id);
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Separate), MemberType = typeof(TenantTestStore))]
    public async Task With_a_store_per_tenant_the_error_names_other_registries(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore);

        var refused = Assert.Throws<InvalidOperationException>(() =>
            app.Services.GetRequiredService<IServiceRegistry>());

        Assert.Contains("UseEtcdRegistry", refused.Message, StringComparison.Ordinal);
    }
}
