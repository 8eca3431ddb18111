using System.Buffers;

namespace Millrace.Cli.Sql;

/// <summary>
/// Writes answers as CSV (RFC 4180). NULL is an empty field, and an empty text is two quotes. Texts that a spreadsheet
/// could run as a formula start with an apostrophe.
/// </summary>
internal static class CsvWriter
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static void Write(TextWriter output, SqlAnswer answer)
    {
        WriteRow(output, answer.Columns.Select(static column => Field(Safe(column.Name))));
        foreach (var row in answer.Rows)
            WriteRow(output, row.Select((value, i) =>
                Field(answer.Columns[i].Kind == SqlValueKind.Text ? Safe(value) : value)));
    }

    /// <summary>
    /// Returns a text that a spreadsheet does not run as a formula: one that looks like it starts with an apostrophe.
    /// </summary>
    public static string? Safe(string? text) =>
        text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;

    /// <summary>Returns a value as a field of CSV.</summary>
    public static string Field(string? value) =>
        value is null ? ""
        : value.Length == 0 || value.AsSpan().ContainsAny(Quoted)
            ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : value;

    private static void WriteRow(TextWriter output, IEnumerable<string> fields)
    {
        output.Write(string.Join(',', fields));
        output.Write("\r\n");
    }
}
