using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Documents;

/// <summary>Translates conditions of a document query into SQL and parameters.</summary>
internal static class ConditionSql
{
    public static void Add(SqlText sql, Collection collection, IReadOnlyList<FieldCondition> conditions) =>
        Add(sql, collection, conditions, -1, TextPart.All);

    /// <summary>Adds conditions, optionally restricted to a part of the texts of one field.</summary>
    /// <param name="sql">The statement that the conditions are added to.</param>
    /// <param name="collection">The collection of the documents.</param>
    /// <param name="conditions">The conditions; all must hold.</param>
    /// <param name="field">The index of a field whose texts are queried in parts; negative for none.</param>
    /// <param name="part">The part of the texts.</param>
    public static void Add(
        SqlText sql, Collection collection, IReadOnlyList<FieldCondition> conditions, int field, TextPart part)
    {
        if (part is TextPart.Short or TextPart.Long)
            sql.Append($" AND {LongTexts.Condition(part, field)}");
        SortedDictionary<int, TextBounds>? texts = null;
        foreach (var item in conditions)
        {
            var index = collection.IndexOf(item.Field);
            var definition = collection.Definition.Fields[index];
            if (item.ConvertTo(definition.Kind) is not { } condition)
                continue;
            if (definition.Kind != FieldKind.Text || !TextBounds.IsBound(condition))
            {
                Add(sql, index, definition, condition);
                continue;
            }
            texts ??= [];
            if (!texts.TryGetValue(index, out var bounds))
                texts[index] = bounds = new TextBounds(index);
            bounds.Add(condition);
        }
        if (texts is null)
            return;
        foreach (var (index, bounds) in texts)
            bounds.AddTo(sql, index == field ? part : TextPart.All);
    }

    /// <summary>
    /// Restricts a query to the documents after a cursor in the order of a field, or of the key when the field is
    /// negative. The condition covers either the field's range from the cursor on, or the rest after that range. Each
    /// form lets an index find its start.
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
        else if (condition.Comparison == Comparison.GreaterOrNull)
            sql.Append(
                $" AND (f{field} IS NULL OR f{field} > {FieldCoding.Compared(sql, definition, condition.Value)})");
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
                    $" AND f{field} IS NULL AND {LongTexts.AtMost(LongTexts.SizeOf(""), field)}",
                Comparison.Equal or Comparison.GreaterOrNull => $" AND f{field} IS NULL",
                Comparison.NotEqual => $" AND f{field} IS NOT NULL",
                _ => " AND false",
            }
        );

    /// <summary>Returns the SQL operator for a comparison with a value that is not null.</summary>
    public static string Operator(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "IS DISTINCT FROM",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        Comparison.GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "The comparison is not supported."),
    };
}
