using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>Conditions of a query over documents, as SQL and its parameters.</summary>
internal static class ConditionSql
{
    public static void Add(SqlText sql, Collection collection, IReadOnlyList<FieldCondition> conditions)
    {
        foreach (var condition in conditions)
            Add(sql, collection, condition);
    }

    /// <summary>Restricts to what comes after a place in the order of a field, or of the key when it is negative. Nulls are
    /// least.</summary>
    public static void AddAfter(SqlText sql, Collection collection, int field, DocumentCursor after, bool isDescending)
    {
        var beyond = isDescending ? '<' : '>';
        var key = sql.Parameter(StoredText.Check(after.Key));
        if (field < 0)
        {
            sql.Append($" AND key {beyond} {key}");
            return;
        }
        if (after.Value.IsNull)
        {
            sql.Append(isDescending ? $" AND f{field} IS NULL AND key < {key}" : $" AND (f{field} IS NOT NULL OR key > {key})");
            return;
        }
        var value = FieldCoding.Compared(sql, collection.Definition.Fields[field].Kind, after.Value);
        sql.Append($" AND (f{field} {beyond} {value} OR (f{field} = {value} AND key {beyond} {key})");
        sql.Append(isDescending ? $" OR f{field} IS NULL)" : ")");
    }

    private static void Add(SqlText sql, Collection collection, FieldCondition condition)
    {
        var field = collection.IndexOf(condition.Field);
        var kind = collection.Definition.Fields[field].Kind;
        if (condition.Comparison == Comparison.StartsWith)
            AddPrefix(sql, field, kind, condition.Value);
        else if (condition.Value.IsNull)
            AddNull(sql, field, condition.Comparison);
        else
            sql.Append($" AND f{field} {Operator(condition.Comparison)} {FieldCoding.Compared(sql, kind, condition.Value)}");
    }

    private static void AddNull(SqlText sql, int field, Comparison comparison) => sql.Append(comparison switch
    {
        Comparison.Equal => $" AND f{field} IS NULL",
        Comparison.NotEqual => $" AND f{field} IS NOT NULL",
        _ => " AND false",
    });

    private static string Operator(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "IS DISTINCT FROM",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        Comparison.GreaterOrEqual => ">=",
        _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "There is no such comparison."),
    };

    private static void AddPrefix(SqlText sql, int field, FieldKind kind, FieldValue value)
    {
        if (value.Value is not string prefix || kind != FieldKind.Text)
            sql.Append(" AND false"); // Only texts begin with something.
        else if (prefix.Length == 0)
            sql.Append($" AND f{field} IS NOT NULL");
        else
            FilterSql.AddPrefix(sql, $"f{field}", prefix);
    }
}
