using Millrace.Streams;

namespace Millrace.Storage.InMemory;

/// <summary>
/// Filters, sorts and pages the documents of a collection. The caller must hold the lock of the data.
/// </summary>
internal sealed class InMemoryQuery(CollectionTable table, DocumentQuery query)
{
    private readonly int? _field = query.OrderBy is null ? null : table.IndexOf(query.OrderBy);

    public static IEnumerable<DocumentRow> Matching(CollectionTable table, IReadOnlyList<FieldCondition> conditions)
    {
        var converted = conditions
            .Select(condition => condition.ConvertTo(table.Definition.Fields[table.IndexOf(condition.Field)].Kind))
            .OfType<FieldCondition>()
            .ToArray();
        var columns = Array.ConvertAll(converted, condition => table.IndexOf(condition.Field));
        return table.Rows.Where(row => Meets(row, converted, columns));
    }

    public DocumentPage Run()
    {
        var rows = Matching(table, query.Conditions).ToList();
        rows.Sort(Compare);
        if (query.After is { } after)
            rows.RemoveAll(row => Compare(ValueOf(row), row.Document.Key, after.Value, after.Key) <= 0);
        var page = rows.Skip(query.Skip).Take(query.Limit).ToList();
        var hasMore = page.Count > 0 && query.Skip + page.Count < rows.Count;
        return new DocumentPage(
            [.. page.Select(row => query.WithFields ? row.Document with { Fields = row.Fields } : row.Document)],
            hasMore ? new DocumentCursor(ValueOf(page[^1]), page[^1].Document.Key) : null);
    }

    private static bool Meets(DocumentRow row, FieldCondition[] conditions, int[] columns)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (!FieldOrder.Meets(row.Fields[columns[i]], conditions[i].Comparison, conditions[i].Value))
                return false;
        }
        return true;
    }

    private FieldValue ValueOf(DocumentRow row) => _field is { } field ? row.Fields[field] : FieldValue.Null;

    private int Compare(DocumentRow left, DocumentRow right) =>
        Compare(ValueOf(left), left.Document.Key, ValueOf(right), right.Document.Key);

    /// <summary>
    /// Compares two documents by the sort field and then by the key, both in the requested direction.
    /// </summary>
    private int Compare(FieldValue leftValue, string leftKey, FieldValue rightValue, string rightKey)
    {
        var order = _field is null ? 0 : FieldOrder.Compare(leftValue, rightValue);
        if (order == 0)
            order = CodePointOrder.Instance.Compare(leftKey, rightKey);
        return query.IsDescending ? -order : order;
    }
}
