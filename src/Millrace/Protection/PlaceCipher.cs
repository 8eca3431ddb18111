using System.Security.Cryptography;

namespace Millrace.Protection;

/// <summary>Encrypts and decrypts the values of one place with AES-256-GCM and a random nonce for each value.</summary>
internal sealed class PlaceCipher(ReadOnlySpan<byte> key) : IDisposable
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int BlockBytes = 32;
    private const byte Space = (byte)' ';

    private readonly AesGcm _cipher = new(key, TagBytes);

    /// <summary>
    /// Encrypts a JSON value. Spaces fill the value up to a multiple of 32 bytes, so that the length does not show
    /// which of two short values it is. A payload that is encrypted as a whole, whose path is empty, is not filled.
    /// </summary>
    /// <param name="json">The value.</param>
    /// <param name="path">The path of the value, which the tag authenticates.</param>
    /// <param name="erased">The JSON value after erasure, which the tag authenticates too.</param>
    public byte[] Encrypt(ReadOnlySpan<byte> json, string path, string erased)
    {
        var length = path.Length == 0 ? json.Length : (json.Length + BlockBytes - 1) / BlockBytes * BlockBytes;
        var data = new byte[NonceBytes + length + TagBytes];
        var nonce = data.AsSpan(0, NonceBytes);
        var text = data.AsSpan(NonceBytes, length);
        RandomNumberGenerator.Fill(nonce);
        json.CopyTo(text);
        text[json.Length..].Fill(Space);
        _cipher.Encrypt(nonce, text, text, data.AsSpan(NonceBytes + length), ProtectionContext.Join([path, erased]));
        return data;
    }

    /// <summary>Decrypts a value; null if the bytes, the path or the place were changed.</summary>
    public ReadOnlyMemory<byte>? Decrypt(ReadOnlySpan<byte> data, string path, string erased)
    {
        if (data.Length < NonceBytes + TagBytes)
            return null;
        var text = new byte[data.Length - NonceBytes - TagBytes];
        try
        {
            _cipher.Decrypt(
                data[..NonceBytes],
                data.Slice(NonceBytes, text.Length),
                data[^TagBytes..],
                text,
                ProtectionContext.Join([path, erased]));
            return path.Length == 0 ? text : text.AsMemory(0, text.AsSpan().LastIndexOfAnyExcept(Space) + 1);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose() => _cipher.Dispose();
}
