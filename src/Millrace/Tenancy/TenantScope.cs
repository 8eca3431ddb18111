using Microsoft.Extensions.DependencyInjection;

namespace Millrace;

/// <summary>A service scope of a tenant. The tenant stays open until the scope is disposed.</summary>
public sealed class TenantScope : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;
    private readonly IAsyncDisposable _use;

    internal TenantScope(TenantId tenant, AsyncServiceScope scope, IAsyncDisposable use) =>
        (Tenant, _scope, _use) = (tenant, scope, use);

    /// <summary>Gets the tenant.</summary>
    public TenantId Tenant { get; }

    /// <summary>Gets the services, as in a request of the tenant.</summary>
    public IServiceProvider Services => _scope.ServiceProvider;

    /// <summary>Gets the tenant's event store.</summary>
    public EventStore Store => Services.GetRequiredService<EventStore>();

    /// <summary>Gets the command bus of the tenant.</summary>
    public ICommandBus Commands => Services.GetRequiredService<ICommandBus>();

    /// <summary>Gets the query bus of the tenant.</summary>
    public IQueryBus Queries => Services.GetRequiredService<IQueryBus>();

    /// <summary>Returns a read model of the tenant.</summary>
    public IReadModel<TKey, TDocument> ReadModel<TKey, TDocument>()
        where TKey : notnull
        where TDocument : class => Services.GetRequiredService<IReadModel<TKey, TDocument>>();

    /// <summary>Disposes the scope and leaves the tenant.</summary>
    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync().ConfigureAwait(false);
        await _use.DisposeAsync().ConfigureAwait(false);
    }
}
