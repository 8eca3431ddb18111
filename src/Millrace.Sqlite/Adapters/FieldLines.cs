using Millrace.Storage;

namespace Millrace.Adapters;

/// <summary>The fields of a collection as the catalogue keeps them: a line with kind and name for each.</summary>
internal static class FieldLines
{
    private const char Separator = '\n';

    public static string Of(IReadOnlyList<FieldDefinition> fields) =>
        string.Join(Separator, fields.Select(field => $"{field.Kind} {field.Name}"));

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

    private static FieldKind KindOf(string line) => line[..line.IndexOf(' ', StringComparison.Ordinal)] switch
    {
        nameof(FieldKind.Integer) => FieldKind.Integer,
        nameof(FieldKind.Decimal) => FieldKind.Decimal,
        nameof(FieldKind.Real) => FieldKind.Real,
        _ => FieldKind.Text,
    };
}
