using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;

namespace Millrace.Backups.Format;

/// <summary>
/// Builds and opens the bytes of an object: 8 bytes (MRBK, the version, flags), the length and the bytes of the info,
/// the compressed and perhaps encrypted content, and the SHA-256 hash of everything before it.
/// </summary>
internal static class BackupObject
{
    private const byte Version = 1;
    private const byte EncryptedFlag = 1;
    private const int PrefixBytes = 12;
    private const int HashBytes = 32;

    private static ReadOnlySpan<byte> Magic => "MRBK"u8;

    /// <summary>Builds an object. The caller returns its memory when the object is stored.</summary>
    /// <param name="info">The info.</param>
    /// <param name="content">The content, in parts that follow each other.</param>
    /// <param name="cipher">Encrypts the content; null for no encryption.</param>
    public static BuiltObject Build(
        BackupInfo info, IReadOnlyList<ReadOnlyMemory<byte>> content, BackupCipher? cipher)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(info, BackupJson.Default.BackupInfo);
        var start = PrefixBytes + json.Length;
        var salt = cipher is null ? 0 : BackupCipher.SaltBytes;
        var built = new BuiltObject(start + BackupCipher.Overhead + MaxCompressed(content) + HashBytes);
        var bytes = built.Memory.Span;
        Magic.CopyTo(bytes);
        (bytes[4], bytes[5], bytes[6], bytes[7]) = (Version, cipher is null ? (byte)0 : EncryptedFlag, 0, 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], json.Length);
        json.CopyTo(bytes[PrefixBytes..]);
        var length = Compress(content, built.Open(start + salt));
        if (cipher is not null)
        {
            length += BackupCipher.Overhead;
            cipher.EncryptInPlace(bytes.Slice(start, length), bytes[..start]);
        }
        length += start;
        SHA256.HashData(bytes[..length], bytes[length..]);
        built.Length = length + HashBytes;
        return built;
    }

    /// <exception cref="BackupFormatException">The bytes are not as written, or the passphrase is missing or
    /// wrong.</exception>
    public static (BackupInfo Info, ReadOnlyMemory<byte> Content) Open(ReadOnlySpan<byte> stored, BackupCipher? cipher)
    {
        if (stored.Length < PrefixBytes + HashBytes || !stored[..4].SequenceEqual(Magic))
            throw new BackupFormatException("it is not an object of a backup");
        if (stored[4] != Version)
            throw new BackupFormatException($"its format has version {stored[4]}, and this program reads version 1");
        if (!SHA256.HashData(stored[..^HashBytes]).AsSpan().SequenceEqual(stored[^HashBytes..]))
            throw new BackupFormatException("its checksum differs");
        var length = BinaryPrimitives.ReadInt32LittleEndian(stored[8..]);
        if (length < 0 || length > stored.Length - PrefixBytes - HashBytes)
            throw new BackupFormatException("its info ends too early");
        var associated = stored[..(PrefixBytes + length)];
        var content = stored[associated.Length..^HashBytes];
        if (IsEncrypted(stored))
        {
            content = (cipher ?? throw new BackupFormatException("it is encrypted, and no passphrase was given"))
                .Decrypt(content, associated);
        }
        else if (cipher is not null)
        {
            throw new BackupFormatException(
                "it is not encrypted, although a passphrase was given. If the set was written without encryption, read "
                    + "it without a passphrase");
        }
        return (ReadInfo(associated[PrefixBytes..]), Decompress(content));
    }

    /// <summary>Returns true if the bytes are those of an encrypted object.</summary>
    public static bool IsEncrypted(ReadOnlySpan<byte> stored) =>
        stored.Length > PrefixBytes && (stored[5] & EncryptedFlag) != 0;

    private static BackupInfo ReadInfo(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, BackupJson.Default.BackupInfo)
                ?? throw new BackupFormatException("its info is null");
        }
        catch (JsonException exception)
        {
            throw new BackupFormatException("its info is not valid", exception);
        }
    }

    /// <summary>Returns a size that the compressed content cannot exceed: a byte takes at most 9 bits.</summary>
    private static int MaxCompressed(IReadOnlyList<ReadOnlyMemory<byte>> content)
    {
        var length = content.Sum(static part => part.Length);
        return length + (length / 4) + 1024;
    }

    /// <summary>Returns the number of compressed bytes.</summary>
    private static int Compress(IReadOnlyList<ReadOnlyMemory<byte>> content, MemoryStream target)
    {
        using (var stream = new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var part in content)
                stream.Write(part.Span);
        }
        return (int)target.Position;
    }

    private static ReadOnlyMemory<byte> Decompress(ReadOnlySpan<byte> compressed)
    {
        var target = new MemoryStream(compressed.Length * 3);
        try
        {
            using var stream = new ZLibStream(new MemoryStream(compressed.ToArray()), CompressionMode.Decompress);
            stream.CopyTo(target);
        }
        catch (InvalidDataException exception)
        {
            throw new BackupFormatException("its content cannot be decompressed", exception);
        }
        return target.GetBuffer().AsMemory(0, (int)target.Length);
    }
}
