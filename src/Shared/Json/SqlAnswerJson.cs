using System.Text.Json;

namespace Millrace.Shared.Json;

/// <summary>Writes the answer to a SQL statement as JSON: its position, columns and rows.</summary>
internal static class SqlAnswerJson
{
    /// <summary>Writes the members of the answer. The caller must have started the JSON object.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, SqlAnswer answer)
    {
        writer.WriteNumber("position"u8, answer.Position);
        writer.WriteBoolean("isCut"u8, answer.IsCut);
        writer.WriteNumber("elapsedMs"u8, (long)answer.Elapsed.TotalMilliseconds);
        writer.WriteStartArray("columns"u8);
        foreach (var column in answer.Columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, column.Name);
            writer.WriteString("type"u8, column.Type);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("rows"u8);
        foreach (var row in answer.Rows)
            WriteRow(writer, row, answer.Columns);
        writer.WriteEndArray();
    }

    private static void WriteRow(
        Utf8JsonWriter writer, IReadOnlyList<string?> row, IReadOnlyList<SqlColumn> columns)
    {
        writer.WriteStartArray();
        for (var i = 0; i < row.Count; i++)
            Write(writer, row[i], columns[i].Kind);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string? value, SqlValueKind kind)
    {
        if (value is null)
            writer.WriteNullValue();
        else if (IsJson(value, kind))
            // Numbers and repeated names remain as they are. Line breaks can only be between tokens.
            writer.WriteRawValue(value.ReplaceLineEndings(" "), skipInputValidation: true);
        else
            writer.WriteStringValue(value);
    }

    private static bool IsJson(string value, SqlValueKind kind) => kind switch
    {
        SqlValueKind.Text => false,
        SqlValueKind.Boolean => value is "true" or "false",
        _ => PayloadJson.IsJson(System.Text.Encoding.UTF8.GetBytes(value)),
    };
}
