namespace Millrace;

/// <summary>
/// Stores the wrapped data keys. A key store is never part of an event store, so that a copy of the events alone
/// decrypts nothing. Thread-safe. <c>KeyStoreConformance</c> in <c>Millrace.Testing</c> tests an implementation.
/// </summary>
/// <remarks>
/// All methods throw <see cref="KeyStoreException"/> if the key store cannot be used, with
/// <see cref="Storage.StorageProblem.Closed"/> after it was disposed. A write is durable and visible to other processes
/// when its method returns. Times are stored in microseconds. Texts are compared ordinally.
/// </remarks>
public interface IKeyStore : IAsyncDisposable
{
    /// <summary>Gets the display name, such as <c>SQLite keys shop.keys.db</c>.</summary>
    string Description { get; }

    /// <summary>
    /// Opens the key store, and creates it on first use. If the key store is already open, only returns the identity.
    /// </summary>
    ValueTask<KeyStoreIdentity> Open(CancellationToken cancellationToken);

    /// <summary>Gets the keys with the ids, in no particular order. Unknown ids are omitted.</summary>
    ValueTask<IReadOnlyList<KeyRecord>> Find(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>
    /// Gets the active key of an owner. If the owner has no active key, but a key of the owner or a record for all
    /// kinds of data of the subject is destroyed, returns this record. Otherwise returns null.
    /// </summary>
    ValueTask<KeyRecord?> FindCurrent(KeyOwner owner, CancellationToken cancellationToken);

    /// <summary>
    /// Adds an active key, unless <see cref="FindCurrent"/> finds a record for the owner. Of concurrent calls for one
    /// owner, one adds its key.
    /// </summary>
    /// <returns>The added record, or the record that was found.</returns>
    ValueTask<KeyRecord> Add(KeyRecord key, CancellationToken cancellationToken);

    /// <summary>Retires the active key of an owner and adds another active key, in one transaction.</summary>
    /// <param name="key">The new key.</param>
    /// <param name="replacedId">The id of the key to retire.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the key to retire is not the active key of the owner.</returns>
    ValueTask<bool> Replace(KeyRecord key, string replacedId, CancellationToken cancellationToken);

    /// <summary>Replaces the wrapped bytes of a key after they were wrapped with another master key.</summary>
    /// <param name="key">The key with the new bytes and the id of the new master key.</param>
    /// <param name="formerMasterKeyId">The id of the master key that must have wrapped the stored bytes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the stored key has another master key or was destroyed.</returns>
    ValueTask<bool> Rewrap(KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken);

    /// <summary>
    /// Destroys the keys of an owner, active and retired, and overwrites their bytes. With
    /// <see cref="KeyOwner.AllKinds"/>, destroys the keys of all kinds of data of the subject. If there is no key, adds
    /// a destroyed record, so that later calls of <see cref="Add"/> return it.
    /// </summary>
    /// <param name="owner">The owner; its subject is not empty.</param>
    /// <param name="at">The time to record.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The ids of the keys that this call destroyed.</returns>
    /// <exception cref="ArgumentException">The subject is empty.</exception>
    ValueTask<IReadOnlyList<string>> Destroy(KeyOwner owner, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Lists keys of all states in ordinal order of their ids.</summary>
    /// <param name="query">Selects the keys.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<KeyRecord>> List(KeyQuery query, CancellationToken cancellationToken);
}
