using System.Security.Cryptography;
using System.Text;
using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>Signs seals with a private key.</summary>
internal sealed class SealSigner : IDisposable
{
    private readonly ECDsa _key;

    private SealSigner(ECDsa key)
    {
        _key = key;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        KeyId = IdOf(PublicKey.Span);
    }

    /// <summary>Gets the public key as a DER SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Gets the id of the key.</summary>
    public Hash256 KeyId { get; }

    /// <summary>Returns the id of a public key.</summary>
    public static Hash256 IdOf(ReadOnlySpan<byte> publicKey) => new(SHA256.HashData(publicKey));

    /// <summary>Reads the private key from a PEM file.</summary>
    /// <exception cref="SealKeyException">The file cannot be read, or contains no suitable key.</exception>
    public static SealSigner Load(string path, string? passphrase)
    {
        var pem = ReadFile(path);
        if (P256Key.IsEncrypted(pem) && passphrase is null)
            throw new SealKeyException(path, "it is encrypted, and there is no passphrase. Set Passphrase.");
        try
        {
            return P256Key.ReadPrivate(pem, passphrase) is { } key
                ? new SealSigner(key)
                : throw new SealKeyException(path, "its curve is not P-256. Create a key with the curve P-256.");
        }
        catch (Exception exception) when (P256Key.IsProblem(exception))
        {
            throw new SealKeyException(
                path,
                "it is not a PEM file with an ECDSA private key in PKCS #8, or the passphrase is wrong.",
                exception);
        }
    }

    /// <summary>Reads a public key from a PEM file.</summary>
    /// <exception cref="SealKeyException">The file cannot be read, or contains no suitable key.</exception>
    public static byte[] LoadPublic(string path)
    {
        var pem = ReadFile(path);
        if (P256Key.IsEncrypted(pem))
            throw new SealKeyException(path, "it is an encrypted private key. Give the public key.");
        try
        {
            using var key = P256Key.Read(pem, passphrase: null);
            return key?.ExportSubjectPublicKeyInfo()
                ?? throw new SealKeyException(path, "its curve is not P-256. Give a key with the curve P-256.");
        }
        catch (Exception exception) when (P256Key.IsProblem(exception))
        {
            throw new SealKeyException(path, "it is not a PEM file with an ECDSA public key.", exception);
        }
    }

    /// <summary>Returns the seal with the key and the signature.</summary>
    public Seal Sign(Seal seal)
    {
        var ofKey = seal with { Key = KeyId, PublicKey = PublicKey };
        var signature = _key.SignData(
            Encoding.ASCII.GetBytes(ofKey.Text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return ofKey with { Signature = signature };
    }

    public void Dispose() => _key.Dispose();

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SealKeyException(path, $"the file cannot be read. {exception.Message}", exception);
        }
    }
}
