using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>Writes and reads seals as JSON, the payload of their events and the line of their anchors.</summary>
internal static class SealJson
{
    private const int FormatVersion = 1;
    private const long MaxSize = 1L << 48;

    public static byte[] Write(Seal seal)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, FormatVersion);
            writer.WriteString("log"u8, seal.Log);
            writer.WriteNumber("number"u8, seal.Number);
            writer.WriteNumber("epoch"u8, seal.Epoch);
            writer.WriteNumber("size"u8, seal.Size);
            writer.WriteString("root"u8, seal.Root.ToString());
            writer.WriteNumber("removals"u8, seal.Removals.Count);
            writer.WriteString("removalsHash"u8, seal.Removals.Hash.ToString());
            writer.WriteString("previous"u8, seal.Previous.ToString());
            writer.WriteString("time"u8, seal.TimeText);
            writer.WriteString("key"u8, seal.Key.ToString());
            writer.WriteBase64String("publicKey"u8, seal.PublicKey.Span);
            writer.WriteBase64String("signature"u8, seal.Signature.Span);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a seal. Returns false if the bytes are not the JSON of a seal.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out Seal? seal)
    {
        seal = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            seal = Read(document.RootElement);
        }
        catch (Exception exception)
            when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return false; // The bytes are not JSON, or a value is missing or has another kind.
        }
        return seal is not null;
    }

    private static Seal? Read(JsonElement json)
    {
        if (json.GetProperty("version"u8).GetInt32() != FormatVersion
            || !Seal.TryParseTime(json.GetProperty("time"u8).GetString(), out var time)
            || json.GetProperty("size"u8).GetInt64() is < 1 or > MaxSize)
            return null;
        return new Seal
        {
            Log = json.GetProperty("log"u8).GetGuid(),
            Number = json.GetProperty("number"u8).GetInt64(),
            Epoch = json.GetProperty("epoch"u8).GetInt64(),
            Size = json.GetProperty("size"u8).GetInt64(),
            Root = HashOf(json, "root"),
            Removals = new RemovalChain(
                json.GetProperty("removals"u8).GetInt64(), HashOf(json, "removalsHash")),
            Previous = HashOf(json, "previous"),
            Time = time,
            Key = HashOf(json, "key"),
            PublicKey = json.GetProperty("publicKey"u8).GetBytesFromBase64(),
            Signature = json.GetProperty("signature"u8).GetBytesFromBase64(),
        };
    }

    private static Hash256 HashOf(JsonElement json, string name) =>
        Hash256.TryParse(json.GetProperty(name).GetString(), out var hash)
            ? hash
            : throw new FormatException($"'{name}' is not a hash.");
}
