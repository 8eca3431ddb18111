using Millrace.Storage;

namespace Millrace;

/// <summary>Stores the tenants of an application: the list of tenants, and the storage of each.</summary>
/// <remarks>All members can be called from several threads at once, and by several nodes.</remarks>
public interface ITenantStorage : IAsyncDisposable
{
    /// <summary>Gets a description of the storage for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Gets whether each tenant has its own tables, so that the application's own SQL cannot reach those of another
    /// tenant.
    /// </summary>
    bool HasOwnTables { get; }

    /// <summary>Opens what all tenants share. Further calls have no effect.</summary>
    /// <exception cref="StorageException">It cannot be used. The message contains the reason and the
    /// remedy.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>Returns the storage of an existing tenant. It is not open; the caller opens and disposes it.</summary>
    IStorage Of(TenantId tenant);

    /// <summary>Returns whether a tenant exists.</summary>
    ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Creates a tenant. Returns false when it already exists, even if another node created it.</summary>
    ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a tenant with all its data. Returns false when it does not exist. No node may have it open.
    /// </summary>
    /// <exception cref="StorageException">It cannot be removed. The message contains the reason.</exception>
    ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Returns all tenants, in the order of their names.</summary>
    ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken);
}
