using Millrace.Storage;

namespace Millrace;

/// <summary>Where the tenants of an application are kept: which there are, and the storage of each.</summary>
/// <remarks>All members may be called from several threads at once, and by several nodes.</remarks>
public interface ITenantStorage : IAsyncDisposable
{
    /// <summary>What it is, for people.</summary>
    string Description { get; }

    /// <summary>Whether tenants have tables of their own, so that SQL of the application's own cannot reach
    /// another's.</summary>
    bool HasOwnTables { get; }

    /// <summary>Opens what all tenants have in common; calling it again does nothing.</summary>
    /// <exception cref="StorageException">It cannot be used; says why and what to do.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>The storage of a tenant, which is there. Not open yet; whoever asks opens and disposes it.</summary>
    IStorage Of(TenantId tenant);

    /// <summary>Whether there is such a tenant.</summary>
    ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Makes a tenant; false when it is there already, by another node's doing too.</summary>
    ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Removes a tenant with all that it has; false when it is not there. Nobody has it open.</summary>
    /// <exception cref="StorageException">It cannot be removed; says why.</exception>
    ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>All tenants, in order of their names.</summary>
    ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken);
}
