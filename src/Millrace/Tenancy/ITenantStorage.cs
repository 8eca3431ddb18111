using Millrace.Storage;

namespace Millrace;

/// <summary>Stores the list of an application's tenants, and provides the storage of each tenant.</summary>
/// <remarks>All members are thread-safe. Several nodes can call them at the same time.</remarks>
public interface ITenantStorage : IAsyncDisposable
{
    /// <summary>Gets a description of the storage for messages.</summary>
    string Description { get; }

    /// <summary>
    /// Gets whether each tenant has its own tables. The application's own SQL then cannot access the tables of another
    /// tenant.
    /// </summary>
    bool HasOwnTables { get; }

    /// <summary>Opens the resources that all tenants share. Further calls have no effect.</summary>
    /// <exception cref="StorageException">The storage cannot be used. The message contains the reason and the
    /// remedy.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>Returns the storage of an existing tenant. The caller opens and disposes it.</summary>
    IStorage Of(TenantId tenant);

    /// <summary>
    /// Returns the storage of an existing tenant for reading. Its <see cref="IStorage.Open"/> changes nothing, and
    /// refuses a store whose schema must be created or upgraded. Null, the default, if there is no such storage. The
    /// caller opens and disposes it.
    /// </summary>
    IStorage? OfReadOnly(TenantId tenant) => null;

    /// <summary>
    /// Returns the reason why a tenant cannot be used at present, such as an outage of its database; null, the default,
    /// if none is known. The method only reports what is known, and does not access the tenant.
    /// </summary>
    MillraceException? FindProblem(TenantId tenant) => null;

    /// <summary>Returns whether a tenant exists.</summary>
    ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a tenant. Returns false if the tenant already exists, even if another node created it.
    /// </summary>
    ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a tenant with all its data. Returns false if the tenant does not exist. No node may have the tenant
    /// open.
    /// </summary>
    /// <exception cref="StorageException">The tenant cannot be removed. The message contains the reason.</exception>
    ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Returns all tenants, in the order of their names.</summary>
    ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken);
}
