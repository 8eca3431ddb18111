using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>A data key in memory, with the secret if it was not destroyed.</summary>
/// <param name="id">The id.</param>
/// <param name="secret">The 32 bytes; null if the key was destroyed.</param>
internal sealed class DataKey(string id, byte[]? secret)
{
    public const int SecretBytes = 32;

    public string Id { get; } = id;

    public bool IsDestroyed => secret is null;

    /// <summary>Creates the cipher of a place. The caller disposes it.</summary>
    public PlaceCipher CipherOf(in ProtectionContext context)
    {
        Span<byte> key = stackalloc byte[SecretBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, secret!, key, context.ToBytes()); // Callers check IsDestroyed first.
        var cipher = new PlaceCipher(key);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }
}
