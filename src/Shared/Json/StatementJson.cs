using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Shared.Json;

/// <summary>Writes statements for the application's own tables as JSON.</summary>
internal static class StatementJson
{
    public static void WriteMembers(Utf8JsonWriter writer, SqlStatement statement)
    {
        writer.WriteString("sql"u8, statement.Sql);
        writer.WriteStartArray("parameters"u8);
        foreach (var value in statement.Parameters)
            WriteValue(writer, value);
        writer.WriteEndArray();
    }

    /// <summary>
    /// Writes a value as JSON. Types without a JSON form are written as text, and bytes are written in base 64.
    /// </summary>
    public static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case decimal exact:
                writer.WriteNumberValue(exact);
                break;
            case double.NaN or double.PositiveInfinity or double.NegativeInfinity:
                writer.WriteStringValue(FormattableString.Invariant($"{value}"));
                break;
            case double inexact:
                writer.WriteNumberValue(inexact);
                break;
            case byte[] bytes:
                writer.WriteBase64StringValue(bytes);
                break;
            case DateTimeOffset instant:
                writer.WriteStringValue(instant);
                break;
            case DateOnly day:
                writer.WriteStringValue(day.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                writer.WriteStringValue(FormattableString.Invariant($"{value}"));
                break;
        }
    }
}
