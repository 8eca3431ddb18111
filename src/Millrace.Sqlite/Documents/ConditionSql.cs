using System.Text;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>Translates conditions of a document query into SQL and parameters.</summary>
internal sealed class ConditionSql(Collection collection, StringBuilder sql)
{
    private readonly List<Action<Statement, int>> _bindings = [];

    public void Add(IReadOnlyList<FieldCondition> conditions)
    {
        foreach (var condition in conditions)
        {
            var field = collection.IndexOf(condition.Field);
            if (condition.ConvertTo(collection.Definition.Fields[field].Kind) is { } converted)
                Add(field, converted);
        }
    }

    /// <summary>
    /// Restricts a query to the documents after a cursor in the order of a field, or of the key when the field is
    /// negative. The condition covers either the field's range from the cursor on, or the rest after that range. Each
    /// form lets an index find its start.
    /// </summary>
    public void AddAfter(int field, DocumentCursor after, bool isDescending, bool isRest)
    {
        if (isRest)
        {
            sql.Append(isDescending ? $" AND f{field} IS NULL" : $" AND f{field} IS NOT NULL");
            return;
        }
        var beyond = isDescending ? '<' : '>';
        var key = AddParameter((statement, index) => statement.Bind(index, after.Key));
        if (field < 0)
        {
            sql.Append($" AND key {beyond} ?{key}");
            return;
        }
        if (after.Value.IsNull)
        {
            sql.Append($" AND f{field} IS NULL AND key {beyond} ?{key}");
            return;
        }
        var value = AddValue(field, after.Value);
        sql.Append($" AND f{field} {beyond}= ?{value} AND (f{field} {beyond} ?{value} OR key {beyond} ?{key})");
    }

    /// <summary>Returns the clause that limits how many rows are read and how many are skipped.</summary>
    public string AddLimit(long limit, long skip) =>
        $" LIMIT ?{AddParameter((statement, index) => statement.Bind(index, limit))}"
        + $" OFFSET ?{AddParameter((statement, index) => statement.Bind(index, skip))}";

    public Statement Bind(Statement statement)
    {
        for (var i = 0; i < _bindings.Count; i++)
            _bindings[i](statement, i + 1);
        return statement;
    }

    private void Add(int field, FieldCondition condition)
    {
        if (condition.Comparison == Comparison.StartsWith)
        {
            AddPrefix(field, condition.Value);
            return;
        }
        if (condition.Comparison == Comparison.GreaterOrNull)
        {
            // The plus keeps the planner from the index of the field, with which it would have to sort.
            sql.Append($" AND (+f{field} IS NULL OR +f{field} > ?{AddValue(field, condition.Value)})");
            return;
        }
        var comparison = condition.Comparison switch
        {
            Comparison.Equal => "IS",
            Comparison.NotEqual => "IS NOT",
            Comparison.Less => "<",
            Comparison.LessOrEqual => "<=",
            Comparison.Greater => ">",
            Comparison.GreaterOrEqual => ">=",
            _ => throw new ArgumentOutOfRangeException(
                nameof(condition), condition.Comparison, "The comparison is not supported."),
        };
        sql.Append($" AND f{field} {comparison} ?{AddValue(field, condition.Value)}");
    }

    private void AddPrefix(int field, FieldValue value)
    {
        if (value.Value is not string prefix)
        {
            sql.Append(" AND 0"); // Only texts have prefixes.
            return;
        }
        if (prefix.Length == 0)
        {
            sql.Append($" AND f{field} IS NOT NULL");
            return;
        }
        var low = AddParameter((statement, index) => TextRange.Bind(statement, prefix, index));
        AddParameter((_, _) => { }); // Bound together with the previous parameter.
        sql.Append($" AND f{field} >= ?{low} AND f{field} < ?{low + 1}");
    }

    private int AddValue(int field, FieldValue value)
    {
        var definition = collection.Definition.Fields[field];
        var exact = FieldNumbers.Convert(value, definition.Kind, definition.Name);
        return AddParameter((statement, index) => FieldCoding.Bind(statement, index, definition.Kind, exact));
    }

    private int AddParameter(Action<Statement, int> bind)
    {
        _bindings.Add(bind);
        return _bindings.Count;
    }
}
