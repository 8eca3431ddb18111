using System.Globalization;
using Millrace.Storage;

namespace Millrace.Shared.Storage;

/// <summary>
/// Converts the fields of a collection to the text in the catalogue. Each field has a line with its coding and its
/// name. If the coding of the keys is not 0, a line with this coding comes first.
/// </summary>
/// <remarks>
/// A coding is usually the name of a field kind. Floating-point numbers are the exception. Columns that sort them like
/// .NET have the coding <c>Sortable</c>, because <c>Real</c> is the coding of columns of earlier versions. When the
/// coding of a kind changes, add a new name here. The collections with the old coding are then rebuilt.
/// </remarks>
internal static class FieldListFormat
{
    private const char Separator = '\n';
    private const string SortableReal = "Sortable";
    private const string Keys = "Keys "; // No kind of field has this name.

    public static string Format(CollectionDefinition collection)
    {
        var lines = collection.Fields.Select(field => $"{CodingOf(field.Kind)} {field.Name}");
        if (collection.KeyCoding != 0)
            lines = lines.Prepend(Keys + collection.KeyCoding.ToString(CultureInfo.InvariantCulture));
        return string.Join(Separator, lines);
    }

    public static CollectionDefinition Parse(string name, string text)
    {
        var lines = text.Length == 0 ? [] : text.Split(Separator);
        var keyCoding = lines is [var first, ..] && first.StartsWith(Keys, StringComparison.Ordinal)
            ? int.Parse(first.AsSpan(Keys.Length), CultureInfo.InvariantCulture)
            : 0;
        var fields = Array.ConvertAll(keyCoding == 0 ? lines : lines[1..], static line =>
            new FieldDefinition(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], KindOf(line)));
        return new CollectionDefinition(name, fields) { KeyCoding = keyCoding };
    }

    /// <summary>Returns the index of a field.</summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    public static int IndexOf(CollectionDefinition collection, string field)
    {
        for (var i = 0; i < collection.Fields.Count; i++)
        {
            if (collection.Fields[i].Name == field)
                return i;
        }
        throw new ArgumentException(
            $"Collection '{collection.Name}' has no field '{field}' to filter or sort by.", nameof(field));
    }

    private static string CodingOf(FieldKind kind) => kind switch
    {
        FieldKind.Real => SortableReal,
        FieldNumbers.PlainReal => nameof(FieldKind.Real),
        _ => kind.ToString(),
    };

    private static FieldKind KindOf(string line) => line[..line.IndexOf(' ', StringComparison.Ordinal)] switch
    {
        nameof(FieldKind.Integer) => FieldKind.Integer,
        nameof(FieldKind.Decimal) => FieldKind.Decimal,
        nameof(FieldKind.Ticks) => FieldKind.Ticks,
        nameof(FieldKind.Hash) => FieldKind.Hash,
        SortableReal => FieldKind.Real,
        nameof(FieldKind.Real) => FieldNumbers.PlainReal,
        _ => FieldKind.Text,
    };
}
