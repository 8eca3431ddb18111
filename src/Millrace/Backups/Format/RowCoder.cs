using System.Globalization;
using Millrace.Storage.Moves;

namespace Millrace.Backups.Format;

/// <summary>Writes and reads rows of tables. Each value begins with 1, and null is 0.</summary>
internal static class RowCoder
{
    public static void Write(ContentWriter writer, MovedTable table, MovedRow row)
    {
        for (var i = 0; i < row.Values.Count; i++)
            Write(writer, table.Columns[i].Kind, row[i]);
    }

    /// <summary>Reads a row with all columns of the table, or only with those of its key.</summary>
    public static MovedRow Read(ContentReader reader, MovedTable table, bool isKey)
    {
        var values = new object?[isKey ? table.KeyColumns : table.Columns.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = reader.Number() == 0 ? null : ReadValue(reader, table.Columns[i].Kind);
        return new MovedRow(values);
    }

    private static void Write(ContentWriter writer, MovedKind kind, object? value)
    {
        writer.Number(value is null ? 0 : 1);
        switch (value)
        {
            case null:
                break;
            case string text:
                writer.Text(text);
                break;
            case long number:
                writer.Number(number);
                break;
            case Guid id:
                writer.Id(id);
                break;
            case byte[] bytes:
                writer.Bytes(bytes);
                break;
            case decimal exact:
                writer.Text(exact.ToString(CultureInfo.InvariantCulture));
                break;
            case double real:
                writer.Real(real);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, $"Values of kind {kind} are not supported.");
        }
    }

    private static object ReadValue(ContentReader reader, MovedKind kind) => kind switch
    {
        MovedKind.Text or MovedKind.Prose or MovedKind.Scope or MovedKind.Stream => reader.RequiredText(),
        MovedKind.Number or MovedKind.Flag or MovedKind.Time => reader.Number(),
        MovedKind.Id => reader.Id(),
        MovedKind.Bytes => reader.Bytes().ToArray(),
        MovedKind.Decimal => decimal.Parse(reader.RequiredText(), CultureInfo.InvariantCulture),
        MovedKind.Real => reader.Real(),
        _ => throw new BackupFormatException($"it contains values of an unknown kind ({kind})"),
    };
}
