using Millrace.Protection;

namespace Millrace;

/// <summary>Manages the data keys with which marked values are encrypted. Thread-safe.</summary>
public sealed class DataKeys
{
    private readonly KeyRing _keys;

    internal DataKeys(KeyRing keys) => _keys = keys;

    internal KeyRing Ring => _keys;

    /// <summary>Returns the keys of a key store without dependency injection, for tools.</summary>
    /// <param name="store">The key store, which the caller disposes.</param>
    /// <param name="options">The master keys.</param>
    /// <param name="time">The clock; null for the system clock.</param>
    /// <exception cref="ArgumentException">The options have no master key, or are out of range.</exception>
    public static DataKeys Of(IKeyStore store, KeyOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(options);
        return new DataKeys(
            new KeyRing(store, options.MasterKeys(), options.CheckedCacheTime(), time ?? TimeProvider.System));
    }

    /// <summary>Gets the display name of the key store.</summary>
    public string Description => _keys.Description;

    /// <summary>
    /// Wraps all keys with the current master key, for example after a change of the passphrase. Afterwards, the former
    /// passphrase is not needed any more. After an interruption, a further call continues.
    /// </summary>
    /// <param name="progress">Receives the number of keys so far; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation between two keys.</param>
    /// <returns>The number of keys that this call wrapped.</returns>
    /// <exception cref="KeyStoreException">The key store cannot be used, or the former master key is
    /// missing.</exception>
    public async ValueTask<long> RewrapAll(
        IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        await _keys.Open(cancellationToken).ConfigureAwait(false);
        var total = 0L;
        string? last = null;
        do
        {
            (var count, last) = await _keys.Rewrap(last, cancellationToken).ConfigureAwait(false);
            total += count;
            progress?.Report(total);
        }
        while (last is not null);
        return total;
    }

    /// <summary>
    /// Creates a new key for an owner. New values are encrypted with it within <see cref="KeyOptions.CacheTime"/>, and
    /// stored values remain readable with the former key.
    /// </summary>
    /// <param name="owner">The owner.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False if the owner has no active key, or if another caller replaced it at the same time.</returns>
    /// <exception cref="ArgumentException">The key is that of an index of encrypted values, or of claims.</exception>
    public async ValueTask<bool> Replace(KeyOwner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (IndexKey.IsOwner(owner))
            throw new ArgumentException(
                $"The key '{owner.Kind}' cannot be replaced, because hashes of encrypted values need the same key. A "
                    + "new build of the read model has another key.",
                nameof(owner));
        await _keys.Open(cancellationToken).ConfigureAwait(false);
        return await _keys.Replace(owner, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists a page of keys, without their secrets.</summary>
    /// <param name="query">Selects the keys.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<IReadOnlyList<KeyRecord>> List(
        KeyQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        await _keys.Open(cancellationToken).ConfigureAwait(false);
        return await _keys.List(query, cancellationToken).ConfigureAwait(false);
    }
}
