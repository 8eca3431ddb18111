using System.Collections.Immutable;
using System.Text.Json;
using Millrace.Serialization;

namespace Millrace.Events;

/// <summary>
/// Reads and writes metadata as a compact JSON object. Values that are not set are omitted. The source is not part of
/// the object, because it has a separate column.
/// </summary>
internal static class MetadataJson
{
    /// <exception cref="InvalidNameException">A text contains half of a surrogate pair, which would be stored as
    /// another character.</exception>
    public static ReadOnlyMemory<byte> Write(EventMetadata metadata)
    {
        if (metadata.IsEmpty || metadata.Equals(EventMetadata.Empty with { Source = metadata.Source }))
            return ReadOnlyMemory<byte>.Empty;
        var buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(buffer);
        try
        {
            writer.WriteStartObject();
            WriteText(writer, "user"u8, metadata.UserId);
            WriteText(writer, "session"u8, metadata.SessionId);
            WriteText(writer, "request"u8, metadata.RequestId);
            WriteText(writer, "command"u8, metadata.Command);
            WriteText(writer, "environment"u8, metadata.Environment);
            WriteText(writer, "application"u8, metadata.ApplicationVersion);
            WriteText(writer, "trace"u8, metadata.TraceParent);
            WriteText(writer, "access"u8, metadata.Access);
            if (metadata.ReadableBy is { } readableBy)
                writer.WriteNumber("readableBy"u8, readableBy);
            if (metadata.Encryption is { } encryption)
                WriteEncryption(writer, encryption);
            if (!metadata.Extensions.IsEmpty)
                WriteExtensions(writer, metadata.Extensions);
            writer.WriteEndObject();
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }

    /// <summary>Adds the description of encrypted values to metadata that has none.</summary>
    public static ReadOnlyMemory<byte> WithEncryption(ReadOnlyMemory<byte> metadata, EncryptionInfo encryption)
    {
        var buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(buffer);
        try
        {
            writer.WriteStartObject();
            WriteEncryption(writer, encryption);
            writer.WriteEndObject();
            writer.Flush();
            var added = buffer.WrittenSpan;
            if (metadata.Length <= 2) // Empty, or an empty object.
                return added.ToArray();
            var joined = new byte[metadata.Length + added.Length - 1];
            metadata.Span[..^1].CopyTo(joined);
            joined[metadata.Length - 1] = (byte)',';
            added[1..].CopyTo(joined.AsSpan(metadata.Length));
            return joined;
        }
        finally
        {
            JsonBuffers.Return(writer);
            JsonBuffers.Return(buffer);
        }
    }

    /// <summary>
    /// Reads the output of <see cref="Write"/>. If the bytes cannot be read, the result contains them in Base64, as an
    /// extension named <c>unreadable</c>.
    /// </summary>
    public static EventMetadata Read(ReadOnlySpan<byte> bytes, string? source)
    {
        if (bytes.IsEmpty)
            return source is null ? EventMetadata.Empty : new EventMetadata { Source = source };
        try
        {
            return ReadObject(bytes) with { Source = source };
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return new EventMetadata
            {
                Source = source,
                Extensions = EventMetadata.Empty.Extensions.Add("unreadable", Convert.ToBase64String(bytes)),
            };
        }
    }

    private static EventMetadata ReadObject(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        var metadata = EventMetadata.Empty;
        var extensions = EventMetadata.Empty.Extensions.ToBuilder();
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Metadata is not a JSON object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!; // A property name is never null.
            reader.Read();
            metadata = ReadMember(ref reader, name, metadata, extensions);
        }
        return metadata with { Extensions = extensions.ToImmutable() };
    }

    private static EventMetadata ReadMember(
        ref Utf8JsonReader reader,
        string name,
        EventMetadata metadata,
        ImmutableSortedDictionary<string, string>.Builder extensions)
    {
        switch (name)
        {
            case "user": return metadata with { UserId = reader.GetString() };
            case "session": return metadata with { SessionId = reader.GetString() };
            case "request": return metadata with { RequestId = reader.GetString() };
            case "command": return metadata with { Command = reader.GetString() };
            case "environment": return metadata with { Environment = reader.GetString() };
            case "application": return metadata with { ApplicationVersion = reader.GetString() };
            case "trace": return metadata with { TraceParent = reader.GetString() };
            case "access": return metadata with { Access = reader.GetString() };
            case "readableBy" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var version):
                return metadata with { ReadableBy = version };
            case "encryption": return metadata with { Encryption = ReadEncryption(ref reader) };
            case "more" when reader.TokenType == JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var key = reader.GetString()!; // A property name is never null.
                    reader.Read();
                    extensions[key] = TextOf(ref reader);
                }
                return metadata;
            default:
                extensions[name] = TextOf(ref reader);
                return metadata;
        }
    }

    /// <summary>Returns the content of a JSON string, or the JSON text of any other value.</summary>
    private static string TextOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString()!; // A string token is never null.
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    private static EncryptionInfo ReadEncryption(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        return new EncryptionInfo(
            root.GetProperty("algorithm").GetString() ?? "",
            root.GetProperty("key").GetString() ?? "",
            [.. root.GetProperty("fields").EnumerateArray().Select(field => field.GetString() ?? "")]);
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, Checked(value));
    }

    private static string Checked(string? text)
    {
        WellFormedText.CheckPairs("text in metadata", text);
        return text!; // The caller writes a null text as JSON null.
    }

    private static void WriteEncryption(Utf8JsonWriter writer, EncryptionInfo encryption)
    {
        writer.WriteStartObject("encryption"u8);
        writer.WriteString("algorithm"u8, Checked(encryption.Algorithm));
        writer.WriteString("key"u8, Checked(encryption.KeyId));
        writer.WriteStartArray("fields"u8);
        foreach (var field in encryption.Fields.IsDefault ? [] : encryption.Fields)
            writer.WriteStringValue(Checked(field));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteExtensions(Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> extensions)
    {
        writer.WriteStartObject("more"u8);
        foreach (var (name, value) in extensions)
            writer.WriteString(Checked(name), Checked(value));
        writer.WriteEndObject();
    }
}
