namespace Millrace.Storage;

/// <summary>The collection of the tenants that share a store. Each tenant has a document.</summary>
internal static class TenantCollection
{
    public const string Name = "tenants";

    /// <summary>Returns whether any tenant was ever created in a storage.</summary>
    public static ValueTask<bool> IsIn(IStorage shared, CancellationToken cancellationToken) =>
        shared.Documents.HasCollection(Name, cancellationToken);
}
