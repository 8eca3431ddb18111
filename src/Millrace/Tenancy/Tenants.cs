using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy;
using Millrace.Tenancy.Moves;
using Millrace.Tenancy.Sharded;
using Millrace.Tenancy.Shared;

namespace Millrace;

/// <summary>Creates, lists, enters and removes the tenants of an application. Thread-safe.</summary>
/// <remarks>
/// In the scope of a tenant, the services of the store belong to this tenant, so that no read or write can access
/// another tenant. The node opens a tenant when a caller first enters it. It closes a tenant that has been unused for
/// <see cref="TenantOptions.IdleAfter"/>.
/// </remarks>
public sealed class Tenants : IAsyncDisposable
{
    private readonly ITenantStorage _storage;
    private readonly IServiceScopeFactory _scopes;
    private readonly TenantOptions _options;
    private readonly OpenTenants _openTenants;
    private readonly IdleTenantSweeper _sweeper;
    private readonly TenantMoveWatcher? _moves;
    private int _isDisposed;

    internal Tenants(
        ITenantStorage storage,
        Func<TenantId, ITenantRuntime> createRuntime,
        IServiceScopeFactory scopes,
        TenantOptions options,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        _storage = storage;
        _scopes = scopes;
        _options = options.Copy();
        var logger = loggers.CreateLogger<Tenants>();
        _openTenants = new OpenTenants(createRuntime, _options, time, logger)
        {
            CanUse = tenant => storage.FindProblem(tenant) is null,
        };
        _sweeper = new IdleTenantSweeper(storage, _openTenants, _options, time, logger);
        if (storage is ShardedTenants sharded)
            _moves = new TenantMoveWatcher(sharded, _openTenants, time, logger);
    }

    /// <summary>Gets a description of the storage of the tenants, for messages.</summary>
    public string Description => _storage.Description;

    /// <summary>Gets or sets what clears the caches that tenants share, after a tenant was removed.</summary>
    internal Action ClearCaches { get; init; } = static () => { };

    /// <summary>The storage of the tenants.</summary>
    internal ITenantStorage Storage => _storage;

    /// <summary>Gets what watches the moves of tenants; null without shards.</summary>
    internal TenantMoveWatcher? Moves => _moves;

    /// <summary>Gets the number of tenants that this node has open.</summary>
    public int OpenCount => _openTenants.Count;

    /// <summary>Enters a tenant, by creating a service scope that belongs to the tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TenantNotFoundException">The tenant does not exist, and <see
    /// cref="TenantOptions.CreatesOnDemand"/> is false.</exception>
    /// <exception cref="TenantsBusyException">The maximum number of open tenants is in use.</exception>
    /// <exception cref="StorageException">The tenant's store cannot be opened.</exception>
    /// <exception cref="ShardUnavailableException">The shard of the tenant is not available.</exception>
    public async Task<TenantScope> Enter(TenantId tenant, CancellationToken cancellationToken = default)
    {
        var scope = _scopes.CreateAsyncScope();
        try
        {
            var use = await Enter(tenant, scope.ServiceProvider, cancellationToken).ConfigureAwait(false);
            return new TenantScope(tenant, scope, use);
        }
        catch
        {
            await scope.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Assigns a tenant to an existing scope, such as that of a request or of a message.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="scope">The services of the scope. None of the store's services may have been resolved yet.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>An object that leaves the tenant when it is disposed. Dispose it at the end of the scope.</returns>
    /// <exception cref="InvalidOperationException">The scope already belongs to a tenant.</exception>
    /// <inheritdoc cref="Enter(TenantId, CancellationToken)"/>
    public async Task<IAsyncDisposable> Enter(
        TenantId tenant, IServiceProvider scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await EnsureExists(tenant, cancellationToken).ConfigureAwait(false);
        var open = await _openTenants.Enter(tenant, cancellationToken).ConfigureAwait(false);
        var use = new TenantUse(_openTenants, open);
        try
        {
            scope.GetRequiredService<CurrentTenant>().Set(open);
            return use;
        }
        catch
        {
            await use.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns whether a tenant exists.</summary>
    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken = default) =>
        _storage.Exists(RequireName(tenant), cancellationToken);

    /// <summary>Creates a tenant. Returns false if the tenant already exists.</summary>
    /// <exception cref="StorageException">The tenant cannot be created. The message contains the reason and the
    /// remedy.</exception>
    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken = default)
    {
        var isCreated = await _storage.Create(RequireName(tenant), cancellationToken).ConfigureAwait(false);
        _openTenants.Restore(tenant);
        return isCreated;
    }

    /// <summary>Removes a tenant with all its data, permanently. Returns false if the tenant does not exist.</summary>
    /// <remarks>
    /// Do not use the tenant on other nodes at the same time, because their operations fail. If this node is finishing
    /// pending work in the tenant, the method waits for up to 30 seconds until the work is finished.
    /// </remarks>
    /// <exception cref="TenantsBusyException">The tenant is in use on this node, or is already being
    /// removed.</exception>
    /// <exception cref="StorageException">The tenant cannot be removed. The message contains the reason.</exception>
    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken = default)
    {
        if (!await _openTenants.TryRemove(RequireName(tenant), cancellationToken).ConfigureAwait(false))
            throw new TenantsBusyException(_openTenants.Count, TimeSpan.Zero);
        try
        {
            return await _storage.Remove(tenant, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ClearCaches(); // A part of the tenant may be removed.
            _openTenants.Restore(tenant);
        }
    }

    /// <summary>Returns one tenant's part of a shared storage as a storage, for tools that open one tenant.</summary>
    /// <param name="shared">The shared storage, which is opened and disposed with the result.</param>
    /// <param name="tenant">The tenant.</param>
    public static IStorage PartOf(IStorage shared, TenantId tenant)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return new TenantStorage(new TenantNames(RequireName(tenant)), tenant, shared);
    }

    /// <summary>
    /// Returns the tenants that share a storage, in the order of their names, for tools. Returns an empty list if no
    /// tenant was ever created in the storage.
    /// </summary>
    /// <param name="shared">The shared storage, which is open.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static ValueTask<IReadOnlyList<TenantId>> ListIn(
        IStorage shared, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return TenantCatalog.List(shared, cancellationToken);
    }

    /// <summary>
    /// Returns the tenants that share a store and have a prefix in their stored names, for tools that have the store
    /// open.
    /// </summary>
    /// <param name="shared">The whole store; it is not disposed with the result.</param>
    public static ITenantStorage Of(EventStore shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return new OpenStoreTenants(shared);
    }

    /// <summary>
    /// Opens the shards of an application that places tenants, for tools that have their stores open. The result can
    /// move tenants.
    /// </summary>
    /// <param name="stores">The open stores of the shards; the first one is the home shard. They stay open.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="ShardIdentityException">A store is another shard, or the first store is not the home shard of
    /// tenants.</exception>
    public static async ValueTask<Shards> OpenShards(
        IReadOnlyList<(ShardId Shard, EventStore Store)> stores,
        ShardOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentOutOfRangeException.ThrowIfZero(stores.Count, nameof(stores));
        options ??= new ShardOptions();
        if (options.Problems().FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
        var set = await ToolShardSet
            .Open(
                stores,
                static placement => placement == ShardPlacement.Tenant
                    ? null
                    : "its map places streams, so that the shards contain no tenants.",
                options,
                cancellationToken)
            .ConfigureAwait(false);
        foreach (var shard in set.All)
            await shard.Check(set.Map, cancellationToken).ConfigureAwait(false);
        return new Shards(set, isTool: true) { Mover = new TenantMover(set) };
    }

    /// <summary>Returns all tenants, in the order of their names.</summary>
    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken = default) =>
        _storage.List(cancellationToken);

    /// <summary>
    /// Refuses new callers and closes all tenants. The host calls it after everything else has stopped.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
            return;
        await _sweeper.Stop().ConfigureAwait(false);
        if (_moves is not null)
            await _moves.Stop().ConfigureAwait(false);
        await _openTenants.Stop().ConfigureAwait(false);
        _sweeper.Dispose();
        _moves?.Dispose();
        await _storage.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Opens the resources that all tenants share, and starts to finish pending work in closed tenants.
    /// </summary>
    /// <param name="canHavePendingWork">True if closed tenants can have pending work.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async Task Start(bool canHavePendingWork, CancellationToken cancellationToken)
    {
        await _storage.Open(cancellationToken).ConfigureAwait(false);
        _moves?.Start();
        _sweeper.Start(canHavePendingWork);
    }

    private static TenantId RequireName(TenantId tenant)
    {
        _ = tenant.Value; // Throws for the default value.
        return tenant;
    }

    private async ValueTask EnsureExists(TenantId tenant, CancellationToken cancellationToken)
    {
        if (_storage.FindProblem(RequireName(tenant)) is { } problem)
            throw problem;
        if (_openTenants.Has(tenant)
            || await _storage.Exists(tenant, cancellationToken).ConfigureAwait(false))
            return;
        if (!_options.CreatesOnDemand)
            throw new TenantNotFoundException(tenant);
        await Create(tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Leaves a tenant when the caller that entered it disposes this object.</summary>
    private sealed class TenantUse(OpenTenants openTenants, OpenTenant open) : IAsyncDisposable
    {
        private int _isOver;

        public ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
                openTenants.Leave(open);
            return ValueTask.CompletedTask;
        }
    }
}
