using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>Conditions of a query over documents, as SQL and its parameters.</summary>
internal static class ConditionSql
{
    public static void Add(SqlText sql, Collection collection, IReadOnlyList<FieldCondition> conditions) =>
        Add(sql, collection, conditions, -1, TextPart.All);

    /// <summary>Adds conditions, to which a part of the texts of a field may belong.</summary>
    /// <param name="sql">Where they are added.</param>
    /// <param name="collection">Where the documents are.</param>
    /// <param name="conditions">The conditions; all must hold.</param>
    /// <param name="field">The place of a field whose texts are taken in parts; less than 0 for none.</param>
    /// <param name="part">Which of its texts are meant.</param>
    public static void Add(
        SqlText sql, Collection collection, IReadOnlyList<FieldCondition> conditions, int field, TextPart part)
    {
        if (part is TextPart.Short or TextPart.Long)
            sql.Append($" AND {LongTexts.Are(part, field)}");
        SortedDictionary<int, TextBounds>? texts = null;
        foreach (var asked in conditions)
        {
            var place = collection.IndexOf(asked.Field);
            var definition = collection.Definition.Fields[place];
            if (asked.Within(definition.Kind) is not { } condition)
                continue;
            if (definition.Kind != FieldKind.Text || !TextBounds.IsBound(condition))
            {
                Add(sql, place, definition, condition);
                continue;
            }
            texts ??= [];
            if (!texts.TryGetValue(place, out var bounds))
                texts[place] = bounds = new TextBounds(place);
            bounds.Add(condition);
        }
        if (texts is null)
            return;
        foreach (var (place, bounds) in texts)
            bounds.AddTo(sql, place == field ? part : TextPart.All);
    }

    /// <summary>
    /// Restricts to what comes after a place in the order of a field, or of the key when it is negative: to the range
    /// that begins there, or to the rest behind that. Each is written so that an index finds its beginning.
    /// </summary>
    public static void AddAfter(
        SqlText sql, Collection collection, int field, DocumentCursor after, bool isDescending, bool isRest)
    {
        if (isRest)
        {
            sql.Append(isDescending ? $" AND f{field} IS NULL" : $" AND f{field} IS NOT NULL");
            return;
        }
        var beyond = isDescending ? '<' : '>';
        var key = sql.Parameter(StoredText.Check(after.Key));
        if (field < 0)
        {
            sql.Append($" AND key {beyond} {key}");
            return;
        }
        if (after.Value.IsNull)
        {
            sql.Append($" AND f{field} IS NULL AND key {beyond} {key}");
            return;
        }
        var value = FieldCoding.Compared(sql, collection.Definition.Fields[field], after.Value);
        sql.Append($" AND f{field} {beyond}= {value} AND (f{field} {beyond} {value} OR key {beyond} {key})");
    }

    private static void Add(SqlText sql, int field, FieldDefinition definition, FieldCondition condition)
    {
        if (condition.Comparison == Comparison.StartsWith)
            sql.Append(
                definition.Kind == FieldKind.Text && condition.Value.Value is ""
                    ? $" AND f{field} IS NOT NULL"
                    : " AND false");
        else if (condition.Value.IsNull)
            AddNull(sql, field, definition.Kind, condition.Comparison);
        else
            sql.Append(
                $" AND f{field} {Operator(condition.Comparison)} "
                    + $"{FieldCoding.Compared(sql, definition, condition.Value)}"
            );
    }

    private static void AddNull(SqlText sql, int field, FieldKind kind, Comparison comparison) =>
        sql.Append(
            comparison switch
            {
                Comparison.Equal when kind == FieldKind.Text =>
                    $" AND f{field} IS NULL AND {LongTexts.Are(TextPart.Short, field)}",
                Comparison.Equal => $" AND f{field} IS NULL",
                Comparison.NotEqual => $" AND f{field} IS NOT NULL",
                _ => " AND false",
            }
        );

    /// <summary>How a comparison with what is not null is written.</summary>
    public static string Operator(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "IS DISTINCT FROM",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        Comparison.GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "There is no such comparison."),
    };
}
