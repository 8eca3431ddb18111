using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>The tenants of an application: makes them, lists them, and enters them. Safe to use from several
/// threads.</summary>
/// <remarks>
/// Whoever has entered a tenant has the services of the store as that tenant's: nothing that is read or written there
/// can reach another's. A tenant is opened when it is first entered, and closed when nobody has used it for
/// <see cref="TenantOptions.IdleAfter"/>.
/// </remarks>
public sealed class Tenants : IAsyncDisposable
{
    private readonly ITenantStorage _storage;
    private readonly IServiceScopeFactory _scopes;
    private readonly TenantOptions _options;
    private readonly OpenTenants _open;
    private readonly IdleTenantSweeper _sweeper;
    private int _isDisposed;

    internal Tenants(
        ITenantStorage storage,
        Func<TenantId, ITenantRuntime> create,
        IServiceScopeFactory scopes,
        TenantOptions options,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_storage, _scopes, _options) = (storage, scopes, options.Copy());
        var logger = loggers.CreateLogger<Tenants>();
        _open = new OpenTenants(create, _options, time, logger);
        _sweeper = new IdleTenantSweeper(storage, _open, _options, time, logger);
    }

    /// <summary>What they are kept in, for people.</summary>
    public string Description => _storage.Description;

    /// <summary>Where they are kept.</summary>
    internal ITenantStorage Storage => _storage;

    /// <summary>How many of them this node has open.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Enters a tenant: a scope of the services that belongs to it.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TenantNotFoundException">There is none, and <see cref="TenantOptions.CreatesOnDemand"/> is
    /// false.</exception>
    /// <exception cref="TenantsBusyException">As many as may be open are in use.</exception>
    /// <exception cref="StorageException">Its store cannot be opened.</exception>
    public async Task<TenantScope> Enter(TenantId tenant, CancellationToken cancellationToken = default)
    {
        var scope = _scopes.CreateAsyncScope();
        try
        {
            var stay = await Enter(tenant, scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
            return new TenantScope(tenant, scope, stay);
        }
        catch
        {
            await scope.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Has a scope that is there already, such as that of a request or of a message, belong to a
    /// tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="scope">The services of the scope, of which none of the store's was asked for yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What leaves the tenant when it is disposed, at the end of the scope.</returns>
    /// <exception cref="InvalidOperationException">The scope belongs to a tenant already.</exception>
    /// <inheritdoc cref="Enter(TenantId, CancellationToken)"/>
    public async Task<IAsyncDisposable> Enter(
        TenantId tenant, IServiceProvider scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await RequireKnown(tenant, cancellationToken).ConfigureAwait(false);
        var open = await _open.Enter(tenant, cancellationToken).ConfigureAwait(false);
        var stay = new TenantUse(_open, open);
        try
        {
            scope.GetRequiredService<CurrentTenant>().Set(open);
            return stay;
        }
        catch
        {
            await stay.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Whether there is such a tenant.</summary>
    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken = default) =>
        _storage.Exists(Named(tenant), cancellationToken);

    /// <summary>Makes a tenant. False when it is there already.</summary>
    /// <exception cref="StorageException">It cannot be made; says why and what to do.</exception>
    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken = default)
    {
        var isMade = await _storage.Create(Named(tenant), cancellationToken).ConfigureAwait(false);
        _open.Restore(tenant);
        return isMade;
    }

    /// <summary>Removes a tenant with all that it has, for ever. False when there is none.</summary>
    /// <remarks>
    /// On other nodes nobody may be in it either: what they do then fails. Where this node looks into it just then,
    /// that is waited for, up to 30 seconds.
    /// </remarks>
    /// <exception cref="TenantsBusyException">Somebody is in it on this node, or removes it already.</exception>
    /// <exception cref="StorageException">It cannot be removed; says why.</exception>
    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken = default)
    {
        if (!await _open.TryRemove(Named(tenant), cancellationToken).ConfigureAwait(false))
            throw new TenantsBusyException(_open.Count, TimeSpan.Zero);
        try
        {
            return await _storage.Remove(tenant, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _open.Restore(tenant);
        }
    }

    /// <summary>The part of a storage shared by tenants that is one tenant's, as a storage: for tools, which open one
    /// tenant.</summary>
    /// <param name="shared">The shared storage, which is opened and disposed with it.</param>
    /// <param name="tenant">The tenant.</param>
    public static IStorage PartOf(IStorage shared, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return new TenantStorage(Named(tenant), shared);
    }

    /// <summary>The tenants that share a storage, in order of their names: for tools. None where no tenant was ever
    /// made in it.</summary>
    /// <param name="shared">The shared storage, which is open.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static ValueTask<IReadOnlyList<TenantId>> ListIn(
        IStorage shared, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return TenantCatalog.List(shared, cancellationToken);
    }

    /// <summary>The tenants that share a store by the beginnings of their names: for tools, which have the store
    /// open.</summary>
    /// <param name="shared">The store as a whole; it is not disposed with what is returned.</param>
    public static ITenantStorage Of(EventStore shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return new OpenStoreTenants(shared);
    }

    /// <summary>All tenants, in order of their names.</summary>
    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken = default) =>
        _storage.List(cancellationToken);

    /// <summary>Lets nobody in any more and closes all. The host does so when everything else has stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _sweeper.Stop().ConfigureAwait(false);
        await _open.Stop().ConfigureAwait(false);
        _sweeper.Dispose();
        await _storage.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Opens what all have in common, and begins to look into them.</summary>
    /// <param name="visits">Whether there is anything to do in a tenant that is closed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task Start(bool visits, CancellationToken cancellationToken)
    {
        await _storage.Open(cancellationToken).ConfigureAwait(false);
        _sweeper.Start(visits);
    }

    private static TenantId Named(TenantId tenant)
    {
        _ = tenant.Value; // Refuses the default value.
        return tenant;
    }

    private async ValueTask RequireKnown(TenantId tenant, CancellationToken cancellationToken)
    {
        if (_open.Has(Named(tenant)) || await _storage.Exists(tenant, cancellationToken).ConfigureAwait(false))
            return;
        if (!_options.CreatesOnDemand)
            throw new TenantNotFoundException(tenant);
        await Create(tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Somebody's being in a tenant.</summary>
    private sealed class TenantUse(OpenTenants all, OpenTenant open) : IAsyncDisposable
    {
        private int _isOver;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                all.Leave(open);
            return ValueTask.CompletedTask;
        }
    }
}
