using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>Encrypts and decrypts the values of one place with AES-256-GCM and a random nonce for each value.</summary>
internal sealed class PlaceCipher(ReadOnlySpan<byte> key) : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly AesGcm _cipher = new(key, TagBytes);

    /// <summary>Encrypts a JSON value.</summary>
    /// <param name="json">The value.</param>
    /// <param name="path">The path of the value, which the tag authenticates.</param>
    /// <param name="erased">The JSON value after erasure, which the tag authenticates too.</param>
    public byte[] Encrypt(ReadOnlySpan<byte> json, string path, string erased)
    {
        var data = new byte[NonceBytes + json.Length + TagBytes];
        var nonce = data.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        _cipher.Encrypt(
            nonce,
            json,
            data.AsSpan(NonceBytes, json.Length),
            data.AsSpan(NonceBytes + json.Length),
            ProtectionContext.Join([path, erased]));
        return data;
    }

    /// <summary>Decrypts a value; null if the bytes, the path or the place were changed.</summary>
    public byte[]? Decrypt(ReadOnlySpan<byte> data, string path, string erased)
    {
        if (data.Length < NonceBytes + TagBytes)
            return null;
        var json = new byte[data.Length - NonceBytes - TagBytes];
        try
        {
            _cipher.Decrypt(
                data[..NonceBytes],
                data.Slice(NonceBytes, json.Length),
                data[(NonceBytes + json.Length)..],
                json,
                ProtectionContext.Join([path, erased]));
            return json;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose() => _cipher.Dispose();
}
