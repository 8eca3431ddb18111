
using Millrace.Streams;

namespace Millrace.Storage;

/// <summary>
/// Compares field values. The order is null, numbers, times, texts. Numbers are compared by value, and texts by code
/// points.
/// </summary>
internal static class FieldOrder
{
    public static int Compare(FieldValue left, FieldValue right)
    {
        var byKind = Rank(left).CompareTo(Rank(right));
        if (byKind != 0)
            return byKind;
        return (left.Value, right.Value) switch
        {
            (null, null) => 0,
            (string text, string other) => CodePointOrder.Instance.Compare(text, other),
            (TimeSpan ticks, TimeSpan other) => ticks.CompareTo(other),
            _ => FieldNumbers.Compare(left.Value!, right.Value!), // Both values have the same rank, so neither is null.
        };
    }

    /// <summary>
    /// Returns whether a value satisfies a condition. Null equals only null. Comparisons for less or greater are false
    /// for null, except <see cref="Comparison.GreaterOrNull"/>.
    /// </summary>
    public static bool Meets(FieldValue value, Comparison comparison, FieldValue other)
    {
        if (comparison == Comparison.Equal)
            return Compare(value, other) == 0;
        if (comparison == Comparison.NotEqual)
            return Compare(value, other) != 0;
        if (value.IsNull || other.IsNull)
            return value.IsNull && comparison == Comparison.GreaterOrNull;
        return comparison switch
        {
            Comparison.Less => Compare(value, other) < 0,
            Comparison.LessOrEqual => Compare(value, other) <= 0,
            Comparison.Greater or Comparison.GreaterOrNull => Compare(value, other) > 0,
            Comparison.GreaterOrEqual => Compare(value, other) >= 0,
            Comparison.StartsWith => value.Value is string text
                && other.Value is string start
                && text.StartsWith(start, StringComparison.Ordinal),
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "Undefined comparison."),
        };
    }

    private static int Rank(FieldValue value) => value.Value switch
    {
        null => 0,
        string => 3,
        TimeSpan => 2,
        _ => 1,
    };
}
