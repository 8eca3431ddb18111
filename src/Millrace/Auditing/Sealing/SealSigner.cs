using System.Security.Cryptography;
using System.Text;
using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>Signs seals with a private key.</summary>
internal sealed class SealSigner : IDisposable
{
    private const string CurveOid = "1.2.840.10045.3.1.7"; // NIST P-256, which is also named prime256v1 and secp256r1.

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

    /// <summary>Returns whether a key has the curve P-256.</summary>
    public static bool IsP256(ECDsa key)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        return curve.IsNamed && (curve.Oid.Value == CurveOid || curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256");
    }

    /// <summary>Returns whether an exception means that a key cannot be used.</summary>
    public static bool IsKeyProblem(Exception exception) =>
        exception is CryptographicException or ArgumentException or NotSupportedException;

    /// <summary>Reads the private key from a PEM file.</summary>
    /// <exception cref="SealKeyException">The file cannot be read, or contains no suitable key.</exception>
    public static SealSigner Load(string path, string? passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            var pem = File.ReadAllText(path);
            var isEncrypted = pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
            if (isEncrypted && passphrase is null)
                throw new SealKeyException(path, "it is encrypted, and there is no passphrase. Set Passphrase.");
            if (isEncrypted)
                key.ImportFromEncryptedPem(pem, passphrase);
            else
                key.ImportFromPem(pem);
            if (!IsP256(key))
                throw new SealKeyException(path, "its curve is not P-256. Create a key with the curve P-256.");
            key.ExportParameters(includePrivateParameters: true); // Throws if the key is a public key.
            return new SealSigner(key);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            key.Dispose();
            throw new SealKeyException(path, $"the file cannot be read. {exception.Message}", exception);
        }
        catch (Exception exception) when (IsKeyProblem(exception))
        {
            key.Dispose();
            throw new SealKeyException(
                path,
                "it is not a PEM file with an ECDSA private key in PKCS #8, or the passphrase is wrong.",
                exception);
        }
        catch (SealKeyException)
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads a public key from a PEM file.</summary>
    /// <exception cref="SealKeyException">The file cannot be read, or contains no suitable key.</exception>
    public static byte[] LoadPublic(string path)
    {
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return IsP256(key)
                ? key.ExportSubjectPublicKeyInfo()
                : throw new SealKeyException(path, "its curve is not P-256. Give a key with the curve P-256.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SealKeyException(path, $"the file cannot be read. {exception.Message}", exception);
        }
        catch (Exception exception) when (IsKeyProblem(exception))
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
}
