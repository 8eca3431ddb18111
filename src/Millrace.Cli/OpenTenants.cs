namespace Millrace.Cli;

/// <summary>The tenants that a call means: those that share a store, or those that have one each.</summary>
internal sealed class OpenTenants : IAsyncDisposable
{
    private readonly OpenStore? _shared;

    private OpenTenants(ITenantStorage tenants, OpenStore? shared) => (Tenants, _shared) = (tenants, shared);

    public ITenantStorage Tenants { get; }

    /// <exception cref="CliException">There is no such store.</exception>
    public static async Task<OpenTenants> Of(ToolInvocation call, CancellationToken cancellationToken)
    {
        var store = StoreLocator.Whole(call);
        if (!TenantTemplate.Is(store))
        {
            var shared = await OpenStore.OfAllTenants(call, cancellationToken);
            return new OpenTenants(Millrace.Tenants.Of(shared.Store), shared);
        }
        var tenants = TenantTemplate.All(store);
        await tenants.Open(cancellationToken);
        return new OpenTenants(tenants, shared: null);
    }

    public async ValueTask DisposeAsync()
    {
        await Tenants.DisposeAsync();
        if (_shared is not null)
            await _shared.DisposeAsync();
    }
}
