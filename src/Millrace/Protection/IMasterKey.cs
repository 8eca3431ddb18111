namespace Millrace;

/// <summary>
/// A master key, which wraps (encrypts) and unwraps data keys. An implementation can call a hardware token or the key
/// service of a cloud. Thread-safe.
/// </summary>
public interface IMasterKey
{
    /// <summary>
    /// Gets the id, which is stored with each wrapped key. Valid after <see cref="Open"/>. Another secret must have
    /// another id.
    /// </summary>
    string Id { get; }

    /// <summary>Prepares the key for a key store. Called once, before all other methods.</summary>
    /// <exception cref="KeyStoreException">The key cannot be used.</exception>
    ValueTask Open(KeyStoreIdentity keyStore, CancellationToken cancellationToken);

    /// <summary>Wraps a data key of 32 bytes.</summary>
    /// <param name="key">The data key.</param>
    /// <param name="context">Bytes that identify the data key. They are authenticated, but not encrypted.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The key cannot be used.</exception>
    ValueTask<byte[]> Wrap(
        ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> context, CancellationToken cancellationToken);

    /// <summary>Unwraps a data key.</summary>
    /// <param name="wrapped">The result of <see cref="Wrap"/>.</param>
    /// <param name="context">The same bytes as for <see cref="Wrap"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The bytes were changed, or the key cannot be used.</exception>
    ValueTask<byte[]> Unwrap(
        ReadOnlyMemory<byte> wrapped, ReadOnlyMemory<byte> context, CancellationToken cancellationToken);
}
