namespace Millrace.Cli;

/// <summary>Where a store is, and which part of it is meant.</summary>
/// <param name="Store">The file, or the address of the database.</param>
/// <param name="Part">The tenant whose part of the store is meant; null for the whole.</param>
internal sealed record StoreLocation(string Store, TenantId? Part = null)
{
    public bool IsDatabase => StoreLocator.IsDatabase(Store);

    /// <summary>Whether it is there; of a database that is told when it is opened.</summary>
    public bool Exists => IsDatabase || File.Exists(Store);

    /// <summary>As it may be shown: a database without its password.</summary>
    public string Shown => StoreLocator.Shown(Store);
}
