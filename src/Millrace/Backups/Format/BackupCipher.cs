using System.Security.Cryptography;

namespace Millrace.Backups.Format;

/// <summary>
/// Encrypts the content of objects with AES-256-GCM. Each object has its own key, which is derived from the key of
/// the store's backups and a random salt.
/// </summary>
internal sealed class BackupCipher
{
    public const int SaltBytes = 32;

    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int Iterations = 600_000;

    private readonly byte[] _key;

    private BackupCipher(byte[] key) => _key = key;

    /// <summary>Gets the number of bytes by which the encrypted content is longer.</summary>
    public static int Overhead => SaltBytes + TagBytes;

    /// <summary>
    /// Derives the key of a store's backups: PBKDF2 with HMAC-SHA-256, 600,000 iterations and the id of the store as
    /// salt.
    /// </summary>
    public static BackupCipher Derive(string passphrase, Guid store) => new(
        Rfc2898DeriveBytes.Pbkdf2(
            passphrase, store.ToByteArray(bigEndian: true), Iterations, HashAlgorithmName.SHA256, KeyBytes));

    /// <summary>Encrypts bytes between the places of the salt and of the tag, which the method writes.</summary>
    public void EncryptInPlace(Span<byte> sealedContent, ReadOnlySpan<byte> associated)
    {
        var salt = sealedContent[..SaltBytes];
        RandomNumberGenerator.Fill(salt);
        using var aes = Open(salt);
        var content = sealedContent[SaltBytes..^TagBytes];
        // A key encrypts one object, so its nonce is constant.
        aes.Encrypt(new byte[NonceBytes], content, content, sealedContent[^TagBytes..], associated);
    }

    /// <exception cref="BackupFormatException">The content was changed, or the key is another one.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> sealedContent, ReadOnlySpan<byte> associated)
    {
        if (sealedContent.Length < Overhead)
            throw new BackupFormatException("it ends too early");
        var content = new byte[sealedContent.Length - Overhead];
        using var aes = Open(sealedContent[..SaltBytes]);
        try
        {
            aes.Decrypt(
                new byte[NonceBytes],
                sealedContent[SaltBytes..^TagBytes],
                sealedContent[^TagBytes..],
                content,
                associated);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new BackupFormatException("it was changed, or encrypted with another passphrase", exception);
        }
        return content;
    }

    private AesGcm Open(ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, key, salt, "millrace backup object"u8);
        return new AesGcm(key, TagBytes);
    }
}
