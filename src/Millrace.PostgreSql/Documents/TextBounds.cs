using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>What a query asks of the texts of one field that an index helps to find: from where to where they
/// go.</summary>
internal sealed class TextBounds(int field)
{
    private readonly List<(string Operator, string Value)> _bounds = [];
    private bool _areShort; // As one of those is that they are equal to.
    private bool _areLong;

    /// <summary>Whether a condition on a text is one of these.</summary>
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

    /// <summary>Adds them for the texts of one part or of one index, or for all with what each part's index
    /// needs.</summary>
    public void AddTo(SqlText sql, TextPart part)
    {
        if (part == TextPart.All && _areShort == _areLong)
        {
            if (_areShort)
            {
                sql.Append(" AND false"); // Equal to a short one and to a long one.
                return;
            }
            sql.Append($" AND ({LongTexts.Are(TextPart.Short, field)}");
            AddBounds(sql, TextPart.Short);
            sql.Append($" OR {LongTexts.Are(TextPart.Long, field)}");
            AddBounds(sql, TextPart.Long);
            sql.Append(")");
            return;
        }
        var meant = part != TextPart.All ? part : _areLong ? TextPart.Long : TextPart.Short;
        if (part == TextPart.All)
            sql.Append($" AND {LongTexts.Are(meant, field)}");
        AddBounds(sql, meant);
    }

    /// <summary>A beginning is compared as the whole is, or equal: so it leaves none out.</summary>
    private void AddBounds(SqlText sql, TextPart part)
    {
        foreach (var (comparison, value) in _bounds)
        {
            var given = sql.Parameter(value);
            sql.Append($" AND f{field} {comparison} {given}");
            if (part != TextPart.Long)
                continue;
            var evenEqual = comparison is "<" or ">" ? comparison + "=" : comparison;
            sql.Append($" AND {LongTexts.Beginning(field)} {evenEqual} {LongTexts.Beginning(given)}");
        }
    }
}
