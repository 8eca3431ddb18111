using System.Security.Cryptography;

namespace Millrace.Auditing;

/// <summary>Reads the keys that sign seals and certificates: ECDSA on the curve P-256, as PEM.</summary>
internal static class P256Key
{
    private const string CurveOid = "1.2.840.10045.3.1.7"; // NIST P-256, which is also named prime256v1 and secp256r1.

    /// <summary>Returns whether an exception means that a key cannot be used.</summary>
    public static bool IsProblem(Exception exception) =>
        exception is CryptographicException or ArgumentException or NotSupportedException;

    /// <summary>Returns whether a PEM text is an encrypted private key, which needs a passphrase.</summary>
    public static bool IsEncrypted(string pem) => pem.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);

    /// <summary>
    /// Returns a private key, which the caller disposes; null if its curve is not P-256. A text without a suitable key
    /// is a problem in the sense of <see cref="IsProblem"/>.
    /// </summary>
    public static ECDsa? ReadPrivate(string pem, string? passphrase)
    {
        var key = Read(pem, passphrase);
        if (key is null)
            return null;
        try
        {
            key.ExportParameters(includePrivateParameters: true); // Throws if the key is a public key.
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Returns a public or private key, like <see cref="ReadPrivate"/>.</summary>
    public static ECDsa? Read(string pem, string? passphrase)
    {
        var key = ECDsa.Create();
        try
        {
            if (IsEncrypted(pem))
                key.ImportFromEncryptedPem(pem, passphrase);
            else
                key.ImportFromPem(pem);
            if (IsP256(key))
                return key;
            key.Dispose();
            return null;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Returns whether a key has the curve P-256.</summary>
    public static bool IsP256(ECDsa key)
    {
        var curve = key.ExportParameters(includePrivateParameters: false).Curve;
        return curve.IsNamed && (curve.Oid.Value == CurveOid || curve.Oid.FriendlyName is "nistP256" or "ECDSA_P256");
    }
}
