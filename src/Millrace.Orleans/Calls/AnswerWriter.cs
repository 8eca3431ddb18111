using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Millrace.Orleans.Calls;

/// <summary>Writes the answer to a routed command.</summary>
internal static class AnswerWriter
{
    /// <summary>Writes an answer without a value.</summary>
    public static byte[] Write(AnswerKind kind) => Write(kind, static _ => { });

    /// <summary>Writes the result of a command.</summary>
    /// <param name="result">The result.</param>
    /// <param name="json">The JSON metadata of its value; null for <see cref="Nothing"/>.</param>
    public static byte[] Write(CommandResult<object?> result, JsonTypeInfo? json) =>
        Write(AnswerKind.Handled, writer =>
        {
            writer.WriteNumber(CallNames.Version, result.Version);
            if (result.Token != default)
                writer.WriteString(CallNames.Token, result.Token.ToString());
            if (result.WasRepeated)
                writer.WriteBoolean(CallNames.WasRepeated, true);
            if (json is null)
                return;
            writer.WritePropertyName(CallNames.Value);
            JsonSerializer.Serialize(writer, result.Value, json);
        });

    /// <summary>Writes an answer with further members.</summary>
    public static byte[] Write(AnswerKind kind, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber(CallNames.Format, CallNames.CurrentFormat);
            writer.WriteNumber(CallNames.Kind, (int)kind);
            write(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory.ToArray();
    }
}
