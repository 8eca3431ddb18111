using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Differences;

/// <summary>Finds the differences between two JSON values, member by member.</summary>
internal static class ValueDifferences
{
    private const int MaxDifferences = 50;

    public static List<ValueDifference> Between(JsonNode? expected, JsonNode? actual)
    {
        var found = new List<ValueDifference>();
        Compare("", expected, actual, found);
        return found;
    }

    private static void Compare(string path, JsonNode? expected, JsonNode? actual, List<ValueDifference> found)
    {
        if (found.Count >= MaxDifferences)
            return;
        if (expected is JsonObject members && actual is JsonObject otherMembers)
            CompareMembers(path, members, otherMembers, found);
        else if (expected is JsonArray items && actual is JsonArray otherItems)
            CompareItems(path, items, otherItems, found);
        else if (!AreSame(expected, actual))
            found.Add(new ValueDifference(path, ValueTree.Text(expected), ValueTree.Text(actual)));
    }

    private static void CompareMembers(string path, JsonObject expected, JsonObject actual, List<ValueDifference> found)
    {
        foreach (var (name, value) in expected)
        {
            if (actual.TryGetPropertyValue(name, out var other))
                Compare(Join(path, name), value, other, found);
            else
                found.Add(new ValueDifference(Join(path, name), ValueTree.Text(value), null));
        }
        foreach (var (name, value) in actual)
        {
            if (!expected.ContainsKey(name))
                found.Add(new ValueDifference(Join(path, name), null, ValueTree.Text(value)));
        }
    }

    /// <summary>
    /// Compares lists. Common items at the start and the end are skipped, so that one additional item does not shift
    /// all others.
    /// </summary>
    private static void CompareItems(string path, JsonArray expected, JsonArray actual, List<ValueDifference> found)
    {
        var first = 0;
        while (first < Math.Min(expected.Count, actual.Count) && IsEqual(expected[first], actual[first]))
            first++;
        var end = expected.Count;
        var otherEnd = actual.Count;
        while (Math.Min(end, otherEnd) > first && IsEqual(expected[end - 1], actual[otherEnd - 1]))
        {
            end--;
            otherEnd--;
        }
        for (var i = first; i < Math.Max(end, otherEnd) && found.Count < MaxDifferences; i++)
        {
            var itemPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (i >= end)
                found.Add(new ValueDifference(itemPath, null, ValueTree.Text(actual[i])));
            else if (i >= otherEnd)
                found.Add(new ValueDifference(itemPath, ValueTree.Text(expected[i]), null));
            else
                Compare(itemPath, expected[i], actual[i], found);
        }
    }

    private static bool IsEqual(JsonNode? left, JsonNode? right) => Between(left, right).Count == 0;

    private static bool AreSame(JsonNode? expected, JsonNode? actual)
    {
        if (expected is null || actual is null)
            return expected is null && actual is null;
        if (expected.GetValueKind() != actual.GetValueKind())
            return false;
        return expected.GetValueKind() switch
        {
            JsonValueKind.Number => IsSameNumber(ValueTree.Text(expected), ValueTree.Text(actual)),
            JsonValueKind.String => expected.GetValue<string>() == actual.GetValue<string>(),
            _ => true, // Other values of the same kind are equal, or are compared by their parts.
        };
    }

    /// <summary>
    /// Returns true if two texts are the same number. For example, 29.9 and 29.90 are the same number.
    /// </summary>
    private static bool IsSameNumber(string left, string right)
    {
        const NumberStyles Style = NumberStyles.Float;
        var culture = CultureInfo.InvariantCulture;
        if (left == right)
            return true;
        // The conversion to decimal drops excess digits, and a double has fewer significant digits. Both must be equal.
        var areDecimals =
            decimal.TryParse(left, Style, culture, out var one)
            & decimal.TryParse(right, Style, culture, out var other);
        return (!areDecimals || one == other)
            && double.TryParse(left, Style, culture, out var single)
            && double.TryParse(right, Style, culture, out var second)
            && single.Equals(second);
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
