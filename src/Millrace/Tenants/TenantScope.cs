using Microsoft.Extensions.DependencyInjection;

namespace Millrace;

/// <summary>A scope of the services that belongs to a tenant. The tenant stays open until it is disposed.</summary>
public sealed class TenantScope : IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;
    private readonly IAsyncDisposable _use;

    internal TenantScope(TenantId tenant, AsyncServiceScope scope, IAsyncDisposable stay) =>
        (Tenant, _scope, _use) = (tenant, scope, stay);

    /// <summary>The tenant.</summary>
    public TenantId Tenant { get; }

    /// <summary>The services, as in a request of the tenant.</summary>
    public IServiceProvider Services => _scope.ServiceProvider;

    /// <summary>The tenant's event store.</summary>
    public EventStore Store => Services.GetRequiredService<EventStore>();

    /// <summary>Sends commands to the tenant.</summary>
    public ICommandBus Commands => Services.GetRequiredService<ICommandBus>();

    /// <summary>Asks the tenant.</summary>
    public IQueryBus Queries => Services.GetRequiredService<IQueryBus>();

    /// <summary>A read model of the tenant.</summary>
    public IReadModel<TKey, TDocument> ReadModel<TKey, TDocument>()
        where TKey : notnull
        where TDocument : class => Services.GetRequiredService<IReadModel<TKey, TDocument>>();

    /// <summary>Ends the scope and leaves the tenant.</summary>
    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync().ConfigureAwait(false);
        await _use.DisposeAsync().ConfigureAwait(false);
    }
}
