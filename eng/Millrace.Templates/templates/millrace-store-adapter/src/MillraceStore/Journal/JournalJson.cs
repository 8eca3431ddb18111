using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Store1Space.Journal;

/// <summary>The JSON options of the changes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    UseStringEnumConverter = true,
    Converters = [typeof(StreamIdConverter), typeof(FieldValueConverter)])]
[JsonSerializable(typeof(JournalChange))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>A stream's id is written as its text.</summary>
internal sealed class StreamIdConverter : JsonConverter<StreamId>
{
    public override StreamId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, StreamId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Value);
}

/// <summary>
/// Strings and integers are written directly. Decimal and double values are strings in an object that names their type,
/// because each type has values that the other does not have. A time span or a hash is an object too.
/// </summary>
internal sealed class FieldValueConverter : JsonConverter<FieldValue>
{
    public override bool HandleNull => true;

    public override FieldValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return FieldValue.Null;
            case JsonTokenType.String:
                return reader.GetString();
            case JsonTokenType.Number:
                return reader.GetInt64();
            default:
                using (var number = JsonDocument.ParseValue(ref reader))
                    return Read(number.RootElement);
        }
    }

    public override void Write(Utf8JsonWriter writer, FieldValue value, JsonSerializerOptions options)
    {
        switch (value.Value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string hash when value.IsHash:
                writer.WriteStartObject();
                writer.WriteString("hash", hash);
                writer.WriteEndObject();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case TimeSpan time:
                writer.WriteStartObject();
                writer.WriteNumber("ticks", time.Ticks);
                writer.WriteEndObject();
                break;
            case IFormattable number:
                writer.WriteStartObject();
                writer.WriteString(
                    number is decimal ? "decimal" : "real", number.ToString(null, CultureInfo.InvariantCulture));
                writer.WriteEndObject();
                break;
        }
    }

    private static FieldValue Read(JsonElement number)
    {
        if (number.TryGetProperty("ticks", out var ticks))
            return new TimeSpan(ticks.GetInt64());
        if (number.TryGetProperty("hash", out var hash))
            return FieldValue.OfHash(hash.GetString() ?? "");
        return number.TryGetProperty("decimal", out var exact)
            ? decimal.Parse(exact.GetString() ?? "", CultureInfo.InvariantCulture)
            : double.Parse(number.GetProperty("real").GetString() ?? "", CultureInfo.InvariantCulture);
    }
}
