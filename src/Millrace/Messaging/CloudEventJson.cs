using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Millrace.Messaging;

/// <summary>Reads and writes messages as JSON: the structured format of CloudEvents 1.0.</summary>
public static class CloudEventJson
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/cloudevents+json";

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Returns true if a media type is that of the structured format.</summary>
    public static bool Is(string? contentType) =>
        contentType is not null && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Writes a message. Omits headers whose names cannot be attribute names (<see cref="CanBeAttribute"/>).
    /// </summary>
    public static ReadOnlyMemory<byte> Write(Message message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var buffer = new ArrayBufferWriter<byte>(message.Body.Length + 512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString(CloudEventNames.SpecVersion, CloudEventNames.Version);
            WriteAttributes(writer, message);
            WriteData(writer, message);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    /// <summary>
    /// Returns true if a header's name can be an attribute name. Such a name has 1 to 20 lower case letters and digits,
    /// and is not <c>data</c>.
    /// </summary>
    public static bool CanBeAttribute(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var character in name)
        {
            if (!char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character))
                return false;
        }
        return name.Length is > 0 and <= 20 && name is not CloudEventNames.Data;
    }

    /// <summary>
    /// Reads a message into a draft. Returns the data bytes, and the problem if the message is not valid.
    /// </summary>
    internal static (ReadOnlyMemory<byte> Data, string? Problem) Read(ReadOnlyMemory<byte> json, ref MessageDraft draft)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (json, "it is not a JSON object, as a CloudEvent must be");
            string? contentType = null;
            JsonElement? data = null, base64 = null;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (member.NameEquals(CloudEventNames.Data))
                    data = member.Value;
                else if (member.NameEquals(CloudEventNames.Base64))
                    base64 = member.Value;
                else if (
                    member.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array))
                    draft.SetAttribute(member.Name, TextOf(member.Value));
                if (member.NameEquals(CloudEventNames.ContentType))
                    contentType = member.Value.ToString();
            }
            return (
                base64 is { } encoded ? encoded.GetBytesFromBase64()
                : data is { } raw ? BytesOf(raw, contentType)
                : default,
                null);
        }
        catch (Exception exception) when (exception is JsonException or FormatException or InvalidOperationException)
        {
            return (json, $"it is not a CloudEvent in JSON: {exception.Message}");
        }
    }

    private static void WriteAttributes(Utf8JsonWriter writer, Message message)
    {
        writer.WriteString(CloudEventNames.Id, message.Id);
        writer.WriteString(CloudEventNames.Source, message.Source);
        writer.WriteString(CloudEventNames.Type, message.Type);
        writer.WriteString(CloudEventNames.ContentType, message.ContentType);
        if (message.Subject is not null)
            writer.WriteString(CloudEventNames.Subject, message.Subject);
        if (message.Time is { } time)
            writer.WriteString(CloudEventNames.Time, time.UtcDateTime);
        if (message.OwnKey is not null)
            writer.WriteString(CloudEventNames.Key, message.OwnKey);
        if (message.SchemaVersion != 1)
            writer.WriteString(
                CloudEventNames.SchemaVersion, message.SchemaVersion.ToString(CultureInfo.InvariantCulture));
        if (message.CorrelationId is not null)
            writer.WriteString(CloudEventNames.Correlation, message.CorrelationId);
        if (message.CausationId is not null)
            writer.WriteString(CloudEventNames.Causation, message.CausationId);
        if (message.TraceParent is not null)
            writer.WriteString(CloudEventNames.TraceParent, message.TraceParent);
        foreach (var (name, value) in message.Headers)
        {
            if (CanBeAttribute(name))
                writer.WriteString(name, value);
        }
    }

    private static void WriteData(Utf8JsonWriter writer, Message message)
    {
        var body = message.Body.Span;
        if (IsJson(message.ContentType) && IsOneValue(body))
        {
            writer.WritePropertyName(CloudEventNames.Data);
            writer.WriteRawValue(body, skipInputValidation: true);
        }
        else if (body.Length > 0)
        {
            writer.WriteBase64String(CloudEventNames.Base64, body);
        }
    }

    private static ReadOnlyMemory<byte> BytesOf(JsonElement data, string? contentType) =>
        data.ValueKind == JsonValueKind.String && contentType is not null && !IsJson(contentType)
            ? Encoding.UTF8.GetBytes(data.GetString()!) // A JSON string always has a text.
            : Encoding.UTF8.GetBytes(data.GetRawText());

    private static string TextOf(JsonElement value) =>
        // A JSON string always has a text.
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>Returns true if CloudEvents defines the media type as JSON.</summary>
    private static bool IsJson(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        var type = (end < 0 ? contentType : contentType.AsSpan(0, end)).Trim();
        return type.EndsWith("/json", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Returns true if the bytes are exactly one JSON value. Only such bytes can be restored unchanged.
    /// </summary>
    private static bool IsOneValue(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty || body[0] <= (byte)' ' || body[^1] <= (byte)' ' || !Utf8.IsValid(body))
            return false;
        try
        {
            var reader = new Utf8JsonReader(body);
            return reader.Read() && reader.TrySkip() && reader.BytesConsumed == body.Length && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
