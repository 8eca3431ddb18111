using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Collects the conditions of a query on the texts of one field that an index supports: the lower and upper bounds.
/// </summary>
internal sealed class TextBounds(int field)
{
    private readonly List<(string Operator, string Value)> _bounds = [];
    private string? _short; // The short text with which the query requires equality.
    private bool _equalsLong;

    /// <summary>Returns true for a condition on a text that an index supports.</summary>
    public static bool IsBound(FieldCondition condition) => condition.Comparison == Comparison.StartsWith
        ? condition.Value.Value is string { Length: > 0 }
        : condition.Comparison is not (Comparison.NotEqual or Comparison.GreaterOrNull) && !condition.Value.IsNull;

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
            (_short, _equalsLong) = LongTexts.IsShort(text) ? (text, _equalsLong) : (_short, true);
        _bounds.Add((ConditionSql.Operator(condition.Comparison), StoredText.Check(text)));
    }

    /// <summary>
    /// Adds the bounds for the texts of one part or one index. For all texts, also adds the condition that the index of
    /// each part needs.
    /// </summary>
    public void AddTo(SqlText sql, TextPart part)
    {
        if (part == TextPart.All && (_short is not null) == _equalsLong)
        {
            if (_equalsLong)
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
        var matching = part != TextPart.All ? part : _equalsLong ? TextPart.Long : TextPart.Short;
        if (part == TextPart.All)
            sql.Append($" AND {SizeCondition(matching)}");
        AddBounds(sql, matching);
    }

    /// <summary>Returns the condition of the part. An index of several fields requires the size of a text.</summary>
    private string SizeCondition(TextPart matching) => matching == TextPart.Short && _short is { } text
        ? LongTexts.AtMost(LongTexts.SizeOf(text), field)
        : LongTexts.Condition(matching, field);

    /// <summary>
    /// Adds the bounds. The prefixes of two texts compare like the texts, or are equal. An inclusive comparison of
    /// prefixes therefore omits no text.
    /// </summary>
    private void AddBounds(SqlText sql, TextPart part)
    {
        foreach (var (comparison, value) in _bounds)
        {
            var parameter = sql.Parameter(value);
            sql.Append($" AND f{field} {comparison} {parameter}");
            if (part != TextPart.Long)
                continue;
            var inclusive = comparison is "<" or ">" ? comparison + "=" : comparison;
            sql.Append($" AND {LongTexts.Beginning(field)} {inclusive} {LongTexts.Beginning(parameter)}");
        }
    }
}
