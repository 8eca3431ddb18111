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

    public static byte[] Build(BackupInfo info, ReadOnlySpan<byte> content, BackupCipher? cipher)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(info, BackupJson.Default.BackupInfo);
        var compressed = Compress(content);
        var contentBytes = compressed.Length + (cipher is null ? 0 : BackupCipher.Overhead);
        var built = new byte[PrefixBytes + json.Length + contentBytes + HashBytes];
        Magic.CopyTo(built);
        built[4] = Version;
        built[5] = cipher is null ? (byte)0 : EncryptedFlag;
        BinaryPrimitives.WriteInt32LittleEndian(built.AsSpan(8), json.Length);
        json.CopyTo(built, PrefixBytes);
        var associated = built.AsSpan(0, PrefixBytes + json.Length);
        var stored = cipher is null ? compressed.Span : cipher.Encrypt(compressed.Span, associated);
        stored.CopyTo(built.AsSpan(associated.Length));
        SHA256.HashData(built.AsSpan(..^HashBytes), built.AsSpan(^HashBytes..));
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

    private static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> content)
    {
        var target = new MemoryStream(content.Length / 2);
        using (var stream = new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(content);
        return target.GetBuffer().AsMemory(0, (int)target.Length);
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
