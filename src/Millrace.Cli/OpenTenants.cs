namespace Millrace.Cli;

/// <summary>The tenants of a call, in a shared store or in separate stores.</summary>
internal sealed class OpenTenants : IAsyncDisposable
{
    private readonly OpenStore? _shared;

    private OpenTenants(ITenantStorage tenants, OpenStore? shared) => (Tenants, _shared) = (tenants, shared);

    public ITenantStorage Tenants { get; }

    /// <exception cref="CliException">The store does not exist.</exception>
    public static async Task<OpenTenants> Of(ToolInvocation call, CancellationToken cancellationToken)
    {
        var store = StoreLocator.Whole(call);
        if (!TenantTemplate.IsTemplate(store))
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
