using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Encodes the end of a page as opaque text, which is safe in URLs and contains the sort order.</summary>
internal static class CursorEncoding
{
    private const char Part = '\n';

    public static string Write(DocumentCursor cursor, string? orderBy, bool isDescending)
    {
        var (kind, value) = cursor.Value.Value switch
        {
            null => ('n', ""),
            string text => ('t', text),
            long number => ('i', number.ToString(CultureInfo.InvariantCulture)),
            decimal number => ('d', number.ToString(CultureInfo.InvariantCulture)),
            TimeSpan ticks => ('k', ticks.Ticks.ToString(CultureInfo.InvariantCulture)),
            double number => ('r', number.ToString("R", CultureInfo.InvariantCulture)),
            var other => throw new InvalidOperationException($"A field cannot contain a {other.GetType().Name}."),
        };
        var head = string.Create(
            CultureInfo.InvariantCulture, $"{(isDescending ? '-' : '+')}{orderBy}{Part}{kind}{value.Length}{Part}");
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head + value + cursor.Key));
    }

    /// <summary>Decodes the cursor of a query that is sorted by the key, or by a field of a given kind.</summary>
    public static DocumentCursor Read(string text, string? orderBy, FieldKind? kind, bool isDescending)
    {
        var cursor = Read(text, orderBy, isDescending);
        return cursor.Value.IsNull || (kind is { } known && FieldNumbers.IsOf(cursor.Value, known))
            ? cursor
            : throw NotACursor(text);
    }

    private static DocumentCursor Read(string text, string? orderBy, bool isDescending)
    {
        try
        {
            var content = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text));
            var first = content.IndexOf(Part, StringComparison.Ordinal);
            var second = -1;
            if (first > 0)
                second = content.IndexOf(Part, first + 1);
            if (second > 0 && content[..first] == (isDescending ? "-" : "+") + orderBy)
            {
                var length = int.Parse(
                    content.AsSpan(first + 2, second - first - 2), NumberStyles.None, CultureInfo.InvariantCulture);
                return new DocumentCursor(
                    ValueOf(content[first + 1], content.Substring(second + 1, length)),
                    content[(second + 1 + length)..]);
            }
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or OverflowException)
        {
            throw NotACursor(text);
        }
        throw NotACursor(text);
    }

    private static InvalidValueException NotACursor(string text) =>
        new(
            "cursor",
            text,
            "it does not belong to a query with this sort order: use the cursor of the previous page, with the same "
                + "query.");

    private static FieldValue ValueOf(char kind, string value) => kind switch
    {
        'n' => FieldValue.Null,
        't' => value,
        'i' => long.Parse(value, CultureInfo.InvariantCulture),
        'd' => decimal.Parse(value, NumberStyles.Number, CultureInfo.InvariantCulture),
        'k' => new TimeSpan(long.Parse(value, CultureInfo.InvariantCulture)),
        'r' => double.Parse(value, CultureInfo.InvariantCulture),
        _ => throw new FormatException("The cursor contains an unknown kind of value."),
    };
}
