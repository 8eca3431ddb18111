using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Shared.Json;
using Millrace.Storage;

namespace Millrace.Cli.Output;

/// <summary>Formats a statement for the application's tables, with its values.</summary>
internal static class StatementText
{
    private const int MaxValueCharacters = 80;

    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(SqlStatement statement)
    {
        var sql = string.Join(' ', statement.Sql.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return statement.Parameters.Count == 0
            ? sql
            : $"{sql} <- {string.Join(", ", statement.Parameters.Select(ValueOf))}";
    }

    private static string ValueOf(object? value)
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, WriterOptions))
            StatementJson.WriteValue(writer, value);
        var text = Encoding.UTF8.GetString(json.GetBuffer(), 0, (int)json.Length);
        return text.Length <= MaxValueCharacters ? text : text[..MaxValueCharacters] + "…";
    }
}
