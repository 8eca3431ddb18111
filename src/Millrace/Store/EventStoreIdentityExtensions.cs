namespace Millrace;

/// <summary>Identifies stores.</summary>
public static class EventStoreIdentityExtensions
{
    /// <summary>
    /// Returns a text that identifies the log of a store: all nodes with the store get the same text, and nodes with
    /// another store or with a copy of the store get another one. Null if the storage cannot identify its log.
    /// </summary>
    /// <param name="store">The open store.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="Storage.StorageException">The storage cannot be read.</exception>
    public static ValueTask<string?> GetIdentity(
        this EventStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.Storage.Maintenance.GetIdentity(cancellationToken);
    }
}
