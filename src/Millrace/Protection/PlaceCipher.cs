using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Protection;

/// <summary>
/// Encrypts and decrypts the values of one place. The encrypted bytes are the period (2 bytes), a random nonce (12
/// bytes), the encrypted value and the tag (16 bytes). The tag authenticates the place, the path and the erased value,
/// so that a value that was moved elsewhere does not decrypt. Not thread-safe.
/// </summary>
internal sealed class PlaceCipher(DataKey key, in ProtectionContext context) : IDisposable
{
    private const int PeriodBytes = sizeof(ushort);
    private const int TextStart = PeriodBytes + PeriodCipher.NonceBytes;
    private const int BlockBytes = 32;
    private const int MaxStackBytes = 512;
    private const byte Space = (byte)' ';

    private readonly byte[] _place = context.ToBytes();
    private PeriodCipher? _rented;

    /// <summary>Returns the number of encrypted bytes of a value.</summary>
    public static int EncryptedLength(int jsonLength, string path) =>
        TextStart + FilledLength(jsonLength, path) + PeriodCipher.TagBytes;

    /// <summary>
    /// Encrypts a JSON value. Spaces fill the value up to a multiple of 32 bytes, so that the length does not show
    /// which of two short values it is. A payload that is encrypted as a whole, whose path is empty, is not filled.
    /// </summary>
    /// <param name="json">The value.</param>
    /// <param name="path">The path of the value, which the tag authenticates.</param>
    /// <param name="erased">The JSON value after erasure, which the tag authenticates too.</param>
    /// <param name="output">The output of <see cref="EncryptedLength"/> bytes.</param>
    public void Encrypt(ReadOnlySpan<byte> json, string path, string erased, Span<byte> output)
    {
        var text = output[TextStart..^PeriodCipher.TagBytes];
        BinaryPrimitives.WriteUInt16BigEndian(output, key.Period);
        var nonce = output.Slice(PeriodBytes, PeriodCipher.NonceBytes);
        RandomNonces.Fill(nonce);
        json.CopyTo(text);
        text[json.Length..].Fill(Space);
        Span<byte> buffer = stackalloc byte[MaxStackBytes];
        var additional = AdditionalData(path, erased, buffer);
        CipherOf(key.Period).Encrypt(nonce, text, output[^PeriodCipher.TagBytes..], additional);
    }

    /// <inheritdoc cref="Encrypt(ReadOnlySpan{byte}, string, string, Span{byte})"/>
    public byte[] Encrypt(ReadOnlySpan<byte> json, string path, string erased)
    {
        var output = new byte[EncryptedLength(json.Length, path)];
        Encrypt(json, path, erased, output);
        return output;
    }

    /// <summary>Decrypts a value; null if the bytes, the path or the place were changed.</summary>
    public ReadOnlyMemory<byte>? Decrypt(ReadOnlySpan<byte> data, string path, string erased)
    {
        var text = new byte[Math.Max(0, data.Length - TextStart - PeriodCipher.TagBytes)];
        return TryDecrypt(data, path, erased, text, out var written)
            ? text.AsMemory(0, written)
            : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Decrypts a value. Returns false if the bytes, the path or the place were changed.</summary>
    /// <param name="data">The encrypted bytes.</param>
    /// <param name="path">The path of the value.</param>
    /// <param name="erased">The JSON value after erasure.</param>
    /// <param name="output">The output, which is at least as long as the encrypted bytes without period, nonce and
    /// tag.</param>
    /// <param name="written">The number of bytes of the value.</param>
    public bool TryDecrypt(ReadOnlySpan<byte> data, string path, string erased, Span<byte> output, out int written)
    {
        written = 0;
        if (data.Length < TextStart + PeriodCipher.TagBytes)
            return false;
        var encrypted = data[TextStart..^PeriodCipher.TagBytes];
        var text = output[..encrypted.Length];
        Span<byte> buffer = stackalloc byte[MaxStackBytes];
        try
        {
            CipherOf(BinaryPrimitives.ReadUInt16BigEndian(data)).Decrypt(
                data.Slice(PeriodBytes, PeriodCipher.NonceBytes),
                encrypted,
                data[^PeriodCipher.TagBytes..],
                text,
                AdditionalData(path, erased, buffer));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        written = path.Length == 0 ? text.Length : text.LastIndexOfAnyExcept(Space) + 1;
        return true;
    }

    public void Dispose()
    {
        if (_rented is null)
            return;
        key.Return(_rented);
        _rented = null;
    }

    private static int FilledLength(int length, string path) =>
        path.Length == 0 ? length : (length + BlockBytes - 1) / BlockBytes * BlockBytes;

    private PeriodCipher CipherOf(ushort period)
    {
        if (_rented is { } rented && rented.Period != period)
            Dispose();
        return _rented ??= key.Rent(period);
    }

    /// <summary>Returns the place, the path and the erased value. Each part follows its length.</summary>
    private ReadOnlySpan<byte> AdditionalData(string path, string erased, Span<byte> buffer)
    {
        var max = _place.Length + (2 * sizeof(int)) + Encoding.UTF8.GetMaxByteCount(path.Length + erased.Length);
        if (max > buffer.Length)
            buffer = new byte[max];
        _place.CopyTo(buffer);
        var length = _place.Length;
        length += ProtectionContext.Write(path, buffer[length..]);
        length += ProtectionContext.Write(erased, buffer[length..]);
        return buffer[..length];
    }
}
