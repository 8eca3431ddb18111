using System.Globalization;
using System.Text;
using System.Text.Json;
using Millrace.Shared.CloudEvents;

namespace Millrace.Cli.CloudEvents;

/// <summary>The attributes of one CloudEvent and its raw data.</summary>
internal sealed class CloudEventAttributes
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private bool _isDataText;

    private CloudEventAttributes()
    {
    }

    /// <summary>Gets the raw bytes of the <c>data</c> member, or null when the event has no such member.</summary>
    public ReadOnlyMemory<byte>? Data { get; private set; }

    /// <summary>Gets the attributes that have no counterpart in a Millrace event.</summary>
    public IEnumerable<KeyValuePair<string, string>> Others =>
        _texts.Where(one => !CloudEventNames.WrittenByTool.Contains(one.Key));

    public static CloudEventAttributes Of(ReadOnlyMemory<byte> json, JsonReaderOptions options)
    {
        var attributes = new CloudEventAttributes();
        var reader = new Utf8JsonReader(json.Span, options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!; // A property name is never null.
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (name == CloudEventNames.Data && attributes.Data is not null)
                throw DuplicateAttribute(name);
            if (name == CloudEventNames.Data)
                attributes._isDataText = reader.TokenType == JsonTokenType.String;
            else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                throw new FormatException(
                    $"'{name}' is an object or an array, but an attribute must be a string, a number or a boolean");
            var text = name == CloudEventNames.Data ? null : TextOf(ref reader);
            reader.Skip();
            if (name == CloudEventNames.Data)
                attributes.Data = json[start..(int)reader.BytesConsumed];
            else if (text is not null && !attributes._texts.TryAdd(name, text))
                throw DuplicateAttribute(name);
        }
        return attributes;
    }

    public bool Has(string name) => _texts.ContainsKey(name);

    public string? Text(string name) => _texts.GetValueOrDefault(name);

    public string Required(string name) =>
        Text(name) is { Length: > 0 } text
            ? text
            : throw new FormatException($"the required attribute '{name}' is missing");

    public long? Number(string name, long max = long.MaxValue)
    {
        if (Text(name) is not { } text)
            return null;
        return
            long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0
            && number <= max
            ? number
            : throw new FormatException(
                $"'{name}' is not a number from 1 to {max.ToString(CultureInfo.InvariantCulture)}");
    }

    public Guid? Guid(string name) => System.Guid.TryParse(Text(name), out var id) ? id : null;

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException($"'{name}' is not a time in the format of RFC 3339");
    }

    /// <summary>
    /// Returns the payload of the event. The payload is decoded Base64, the text of a JSON string, or raw JSON. A JSON
    /// string is decoded only if the content type is not JSON.
    /// </summary>
    public byte[] Payload(string contentType)
    {
        if (Text(CloudEventNames.Base64) is { } encoded)
            return Data is null
                ? Convert.FromBase64String(encoded)
                : throw new FormatException("it has both 'data' and 'data_base64'");
        if (Data is not { } raw)
            return [];
        return _isDataText && !CloudEventWriter.IsJson(contentType)
            ? Encoding.UTF8.GetBytes(JsonDocument.Parse(raw).RootElement.GetString() ?? "")
            : raw.ToArray();
    }

    private static FormatException DuplicateAttribute(string name) => new($"'{name}' is specified twice");

    private static string? TextOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => reader.GetString(),
        _ => Encoding.UTF8.GetString(reader.ValueSpan),
    };
}
