using Millrace.Storage;

namespace Millrace.Adapters;

/// <summary>The fields of a collection as the catalogue keeps them: a line with coding and name for each.</summary>
/// <remarks>
/// A coding is the name of a kind, except that columns of floating-point numbers which sort as .NET sorts them are <c>Sortable</c>, because
/// <c>Real</c> are those of earlier versions. When the coding of a kind changes it gets another name here: then its collections are built
/// again.
/// </remarks>
internal static class FieldLines
{
    private const char Separator = '\n';
    private const string SortableReal = "Sortable";

    public static string Of(IReadOnlyList<FieldDefinition> fields) =>
        string.Join(Separator, fields.Select(field => $"{CodingOf(field.Kind)} {field.Name}"));

    public static FieldDefinition[] Parse(string fields) => fields.Length == 0
        ? []
        : Array.ConvertAll(fields.Split(Separator), line =>
            new FieldDefinition(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], KindOf(line)));

    /// <summary>The place of a field.</summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    public static int IndexOf(CollectionDefinition collection, string field)
    {
        for (var i = 0; i < collection.Fields.Count; i++)
        {
            if (collection.Fields[i].Name == field)
                return i;
        }
        throw new ArgumentException($"Collection '{collection.Name}' has no field '{field}' to filter or sort by.", nameof(field));
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
        SortableReal => FieldKind.Real,
        nameof(FieldKind.Real) => FieldNumbers.PlainReal,
        _ => FieldKind.Text,
    };
}
