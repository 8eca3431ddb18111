using System.Security.Cryptography;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Wraps data keys with AES-256-GCM: a random nonce (12 bytes), the encrypted key, and the tag (16
/// bytes).</summary>
internal static class KeyWrap
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Wrap(byte[] masterKey, ReadOnlySpan<byte> key, ReadOnlySpan<byte> context)
    {
        var wrapped = new byte[NonceBytes + key.Length + TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(masterKey, TagBytes);
        cipher.Encrypt(
            wrapped.AsSpan(0, NonceBytes),
            key,
            wrapped.AsSpan(NonceBytes, key.Length),
            wrapped.AsSpan(NonceBytes + key.Length),
            context);
        return wrapped;
    }

    /// <exception cref="KeyStoreException">The bytes or the context were changed.</exception>
    public static byte[] Unwrap(byte[] masterKey, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> context)
    {
        if (wrapped.Length <= NonceBytes + TagBytes)
            throw Damaged(null);
        var key = new byte[wrapped.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(masterKey, TagBytes);
            cipher.Decrypt(
                wrapped[..NonceBytes], wrapped.Slice(NonceBytes, key.Length), wrapped[^TagBytes..], key, context);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw Damaged(exception);
        }
        return key;
    }

    private static KeyStoreException Damaged(Exception? inner) =>
        new(
            "A stored data key cannot be unwrapped: its bytes were changed. Restore the key store from its backup.",
            StorageProblem.Damaged, inner);
}
