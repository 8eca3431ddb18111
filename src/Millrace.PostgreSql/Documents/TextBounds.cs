using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Collects the conditions of a query on the texts of one field that an index supports: the lower and upper bounds.
/// </summary>
internal sealed class TextBounds(int field)
{
    private readonly List<(string Operator, string Value)> _bounds = [];
    private bool _areShort; // True when the query has an equality with a short text.
    private bool _areLong;

    /// <summary>Returns true for a condition on a text that an index supports.</summary>
    public static bool IsBound(FieldCondition condition) => condition.Comparison == Comparison.StartsWith
        ? condition.Value.Value is string { Length: > 0 }
        : condition.Comparison != Comparison.NotEqual && !condition.Value.IsNull;

    public void Add(FieldCondition condition)
    {
        var text = condition.Value.ToString();
        if (condition.Comparison == Comparison.StartsWith)
        {
            var (low, end) = TextRange.Of(text);
            _bounds.Add((">=", low));
            if (end is not null)
                _bounds.Add(("<", end));
            return;
        }
        if (condition.Comparison == Comparison.Equal)
            (_areShort, _areLong) = LongTexts.IsShort(text) ? (true, _areLong) : (_areShort, true);
        _bounds.Add((ConditionSql.Operator(condition.Comparison), StoredText.Check(text)));
    }

    /// <summary>
    /// Adds the bounds for the texts of one part or one index; for all texts, with the condition that each part's index
    /// needs.
    /// </summary>
    public void AddTo(SqlText sql, TextPart part)
    {
        if (part == TextPart.All && _areShort == _areLong)
        {
            if (_areShort)
            {
                sql.Append(" AND false"); // A text cannot equal both a short one and a long one.
                return;
            }
            sql.Append($" AND ({LongTexts.Condition(TextPart.Short, field)}");
            AddBounds(sql, TextPart.Short);
            sql.Append($" OR {LongTexts.Condition(TextPart.Long, field)}");
            AddBounds(sql, TextPart.Long);
            sql.Append(")");
            return;
        }
        var matching = part != TextPart.All ? part : _areLong ? TextPart.Long : TextPart.Short;
        if (part == TextPart.All)
            sql.Append($" AND {LongTexts.Condition(matching, field)}");
        AddBounds(sql, matching);
    }

    /// <summary>
    /// Adds the bounds. Prefixes compare like the whole texts, or are equal. Comparing prefixes inclusively therefore
    /// leaves no text out.
    /// </summary>
    private void AddBounds(SqlText sql, TextPart part)
    {
        foreach (var (comparison, value) in _bounds)
        {
            var parameter = sql.Parameter(value);
            sql.Append($" AND f{field} {comparison} {parameter}");
            if (part != TextPart.Long)
                continue;
            var evenEqual = comparison is "<" or ">" ? comparison + "=" : comparison;
            sql.Append($" AND {LongTexts.Beginning(field)} {evenEqual} {LongTexts.Beginning(parameter)}");
        }
    }
}
