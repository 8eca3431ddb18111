namespace Millrace.Cli;

/// <summary>The location of a store, and the selected part of it.</summary>
/// <param name="Store">The file, or the address of the database.</param>
/// <param name="Part">The tenant in a shared store; null for the whole store.</param>
internal sealed record StoreLocation(string Store, TenantId? Part = null)
{
    public bool IsDatabase => StoreLocator.IsDatabase(Store);

    /// <summary>
    /// Gets whether the store exists. For a database, this is known only when it is opened. Until then, returns true.
    /// </summary>
    public bool Exists => IsDatabase || File.Exists(Store);

    /// <summary>The location as displayed: a database without its password.</summary>
    public string DisplayName => StoreLocator.DisplayName(Store);
}
