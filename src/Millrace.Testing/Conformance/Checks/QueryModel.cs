using System.Globalization;
using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>A simple reference implementation of document queries.</summary>
internal sealed class QueryModel(CollectionDefinition definition, IReadOnlyDictionary<string, FieldValue[]> documents)
{
    public IEnumerable<string> Keys(DocumentQuery query)
    {
        var matching = Matching(query.Conditions).ToList();
        var field = query.OrderBy is null ? -1 : IndexOf(query.OrderBy);
        matching.Sort((left, right) => Order(documents[left], left, documents[right], right, field));
        if (query.IsDescending)
            matching.Reverse();
        return matching;
    }

    public IEnumerable<string> Matching(IReadOnlyList<FieldCondition> conditions) =>
        documents.Keys.Where(key =>
            conditions.All(condition => Matches(documents[key][IndexOf(condition.Field)], condition)));

    private static bool Matches(FieldValue value, FieldCondition condition)
    {
        var other = condition.Value;
        var isEqual = value.IsNull == other.IsNull && (value.IsNull || Compare(value, other) == 0);
        return condition.Comparison switch
        {
            Comparison.Equal => isEqual,
            Comparison.NotEqual => !isEqual,
            Comparison.GreaterOrNull => value.IsNull || (!other.IsNull && Compare(value, other) > 0),
            _ when value.IsNull || other.IsNull => false,
            Comparison.Less => Compare(value, other) < 0,
            Comparison.LessOrEqual => Compare(value, other) <= 0,
            Comparison.Greater => Compare(value, other) > 0,
            Comparison.GreaterOrEqual => Compare(value, other) >= 0,
            // Neither value is null here.
            _ => ((string)value.Value!).StartsWith((string)other.Value!, StringComparison.Ordinal),
        };
    }

    private static int Order(FieldValue[] left, string leftKey, FieldValue[] right, string rightKey, int field)
    {
        var byField = field < 0 ? 0 : CompareWithNulls(left[field], right[field]);
        return byField != 0 ? byField : UnusualNames.Utf8ByteComparer.Instance.Compare(leftKey, rightKey);
    }

    private static int CompareWithNulls(FieldValue left, FieldValue right) =>
        left.IsNull || right.IsNull ? (left.IsNull ? 0 : 1) - (right.IsNull ? 0 : 1) : Compare(left, right);

    private static int Compare(FieldValue left, FieldValue right) =>
        left.Value switch
        {
            // Neither value is null here.
            string text => UnusualNames.Utf8ByteComparer.Instance.Compare(text, (string)right.Value!),
            double number => number.CompareTo(Convert.ToDouble(right.Value, CultureInfo.InvariantCulture)),
            _ => Convert
                .ToDecimal(left.Value, CultureInfo.InvariantCulture)
                .CompareTo(Convert.ToDecimal(right.Value, CultureInfo.InvariantCulture)),
        };

    private int IndexOf(string field) =>
        definition.Fields.Select((one, index) => (one.Name, index)).Single(pair => pair.Name == field).index;
}
