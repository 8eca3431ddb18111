using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Millrace;

/// <summary>
/// A signed certificate of an erasure. Its file is JSON with the signed bytes and the signature in base64. Immutable.
/// </summary>
/// <remarks>
/// The signed bytes are a JSON document in UTF-8. The signature is ECDSA on the curve P-256 with SHA-256, in DER, so
/// that <c>openssl dgst -sha256 -verify</c> verifies it too.
/// </remarks>
public sealed class ErasureCertificate
{
    private const string Format = "millrace-erasure-certificate-1";

    private ErasureCertificate(string keyId, byte[] content, byte[] signature) =>
        (KeyId, Content, Signature) = (keyId, content, signature);

    /// <summary>Gets the SHA-256 hash of the public key (SubjectPublicKeyInfo), in hexadecimal digits.</summary>
    public string KeyId { get; }

    /// <summary>Gets the signed JSON document.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Gets the signature, in DER.</summary>
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>Parses a file.</summary>
    /// <exception cref="FormatException">The text is not a certificate, or was changed.</exception>
    public static ErasureCertificate Parse(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        try
        {
            using var json = JsonDocument.Parse(file);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || TextOf(root, "format") != Format)
                throw new FormatException($"The file is not a certificate of an erasure ({Format}).");
            var certificate = new ErasureCertificate(
                TextOf(root, "key"), BytesOf(root, "certificate"), BytesOf(root, "signature"));
            // Every byte of the file is checked, also those that a JSON reader ignores.
            return certificate.ToFile() == file.TrimEnd('\r', '\n')
                ? certificate
                : throw new FormatException("The file is not in the form in which certificates are written.");
        }
        catch (JsonException exception)
        {
            throw new FormatException("The file is not a certificate of an erasure: it is not JSON.", exception);
        }
    }

    /// <summary>Returns the text of the file.</summary>
    public string ToFile() =>
        $$"""
        {"format":"{{Format}}",
        "key":"{{KeyId}}",
        "certificate":"{{Convert.ToBase64String(Content.Span)}}",
        "signature":"{{Convert.ToBase64String(Signature.Span)}}"}
        """.ReplaceLineEndings("\n");

    /// <summary>Returns whether a key signed this certificate.</summary>
    /// <param name="publicKeyPem">The public key, as PEM (SubjectPublicKeyInfo).</param>
    /// <exception cref="ArgumentException">The text is not a public ECDSA key.</exception>
    public bool IsSignedBy(string publicKeyPem)
    {
        ArgumentNullException.ThrowIfNull(publicKeyPem);
        using var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(publicKeyPem);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new ArgumentException("The text is not a public ECDSA key as PEM.", nameof(publicKeyPem), exception);
        }
        return IdOf(key) == KeyId
            && key.VerifyData(
                Content.Span, Signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>Returns the SHA-256 hash of the file that the tool and the operator routes write.</summary>
    internal string HashOfFile() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToFile() + "\n")));

    internal static ErasureCertificate Sign(byte[] content, ECDsa key) => new(
        IdOf(key),
        content,
        key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));

    private static string IdOf(ECDsa key) =>
        Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private static string TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"The certificate has no text '{name}'.");

    private static byte[] BytesOf(JsonElement root, string name)
    {
        var text = TextOf(root, name);
        return Base64.IsValid(text)
            ? Convert.FromBase64String(text)
            : throw new FormatException($"'{name}' of the certificate is not base64.");
    }
}
