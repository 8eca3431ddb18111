using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Cli.Output;

/// <summary>Writes JSON output other than events: one object or array.</summary>
internal static class JsonOutput
{
    /// <summary>Writes one object and a line end.</summary>
    public static void Object(ToolInvocation call, Action<Utf8JsonWriter> members)
    {
        using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        call.Bytes.WriteByte((byte)'\n');
    }

    /// <summary>Writes one value with its generated serializer, and a line end.</summary>
    public static void Value<T>(ToolInvocation call, T value, JsonTypeInfo<T> type)
    {
        using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
            JsonSerializer.Serialize(writer, value, type);
        call.Bytes.WriteByte((byte)'\n');
    }

    /// <summary>Writes an array of objects.</summary>
    public static void Array<T>(ToolInvocation call, IEnumerable<T> items, Action<Utf8JsonWriter, T> members)
    {
        using (var writer = new Utf8JsonWriter(call.Bytes, EventJson.WriterOptions))
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteStartObject();
                members(writer, item);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        call.Bytes.WriteByte((byte)'\n');
    }

    /// <summary>Writes a member, unless it is null.</summary>
    public static void WriteIfSet(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }
}
