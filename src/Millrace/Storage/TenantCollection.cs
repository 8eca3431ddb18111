namespace Millrace.Storage;

/// <summary>The collection of the tenants that share a store. Each tenant has a document.</summary>
internal static class TenantCollection
{
    public const string Name = "tenants";

    /// <summary>Returns whether any tenant was ever created in a storage.</summary>
    public static ValueTask<bool> IsIn(IStorage shared, CancellationToken cancellationToken) =>
        shared.Documents.HasCollection(Name, cancellationToken);

    /// <summary>Returns whether a tenant was ever created in a storage, even if it was removed since.</summary>
    public static async ValueTask<bool> Contains(
        IStorage shared, string tenant, CancellationToken cancellationToken) =>
        await IsIn(shared, cancellationToken).ConfigureAwait(false)
        && await shared.Documents.Get(Name, tenant, cancellationToken).ConfigureAwait(false) is not null;
}
