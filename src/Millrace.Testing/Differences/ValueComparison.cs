using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Differences;

/// <summary>
/// Finds the differences between two values. The comparison uses the model's JSON if available, otherwise the values'
/// own equality, and otherwise their whole content, including private fields. Values that cannot be compared in any of
/// these ways are refused, because equal texts do not prove that two values are equal.
/// </summary>
internal sealed class ValueComparison
{
    private const int MaxDifferences = 50;
    private const int MaxLevels = 100;

    private readonly JsonSerializerOptions? _json;
    private readonly List<(object Expected, object Actual)> _enclosing = [];

    private readonly bool _isSkipping;

    private ValueComparison(JsonSerializerOptions? json, bool isSkipping) => (_json, _isSkipping) = (json, isSkipping);

    /// <exception cref="SpecificationException">The values cannot be compared. The message suggests a
    /// solution.</exception>
    public static List<ValueDifference> Between(object? expected, object? actual, JsonSerializerOptions? json)
    {
        var found = new List<ValueDifference>();
        new ValueComparison(json, isSkipping: false).Compare("", expected, actual, found);
        return found;
    }

    /// <summary>
    /// Finds the differences between two states that the specification did not select. It skips content that cannot be
    /// compared, such as services, and fields marked with <c>[NonSerialized]</c>.
    /// </summary>
    public static List<ValueDifference> BetweenStates(object live, object replayed, JsonSerializerOptions? json)
    {
        var found = new List<ValueDifference>();
        new ValueComparison(json, isSkipping: true).Compare("", live, replayed, found);
        return found;
    }

    private void Compare(string path, object? expected, object? actual, List<ValueDifference> found)
    {
        if (found.Count >= MaxDifferences || ReferenceEquals(expected, actual))
            return;
        if (expected is null || actual is null)
        {
            Add(path, expected, actual, found);
            return;
        }
        if (_enclosing.Exists(pair => ReferenceEquals(pair.Expected, expected) && ReferenceEquals(pair.Actual, actual)))
            return; // A caller already compares this pair, so the values have a cycle.
        if (_enclosing.Count == MaxLevels)
        {
            Refuse(path, expected.GetType(), $"it nests deeper than {MaxLevels} levels");
            return;
        }
        _enclosing.Add((expected, actual));
        if (expected.GetType() == actual.GetType())
            CompareSameType(path, expected, actual, found);
        else
            CompareDifferentTypes(path, expected, actual, found);
        _enclosing.RemoveAt(_enclosing.Count - 1);
    }

    private void CompareDifferentTypes(string path, object expected, object actual, List<ValueDifference> found)
    {
        if ((expected is JsonNode && actual is JsonNode)
            || (ComparedType.IsNumber(expected) && ComparedType.IsNumber(actual)))
            CompareTrees(path, expected, actual, found);
        else if (!TryCompareItems(path, expected, actual, found))
            found.Add(new ValueDifference(path, TextWithType(expected), TextWithType(actual)));
    }

    private void CompareSameType(string path, object expected, object actual, List<ValueDifference> found)
    {
        var type = expected.GetType();
        if (expected is JsonNode or JsonElement)
            CompareTrees(path, expected, actual, found);
        else if (!ComparedType.IsSystemType(type)
            && ValueTree.WriteWithModel(expected, _json) is { } expectedText
            && ValueTree.WriteWithModel(actual, _json) is { } actualText)
            CompareTrees(path, expectedText, actualText, found);
        else if (expected is Delegate expectedCall && actual is Delegate actualCall)
            CompareDelegates(path, expectedCall, actualCall, found);
        else if (ComparedType.IsSystemType(type))
            CompareSystemType(path, type, expected, actual, found);
        else if (ComparedType.DefinesEquality(type))
            CompareByEquality(path, expected, actual, found);
        else
            CompareContent(path, type, expected, actual, found);
    }

    private void CompareSystemType(string path, Type type, object expected, object actual, List<ValueDifference> found)
    {
        if (expected is ITuple or DictionaryEntry || ComparedType.IsPair(type))
            CompareFields(path, type, expected, actual, found);
        else if (expected is StringBuilder)
            CompareByEquality(path, expected.ToString()!, actual.ToString()!, found);
        else if (TryCompareItems(path, expected, actual, found) || type == typeof(object) || ComparedType.IsLock(type))
            return;
        else if (ComparedType.DefinesEquality(type))
            CompareByEquality(path, expected, actual, found);
        else
            Refuse(path, type, "its content is not accessible");
    }

    /// <summary>Compares the items and the fields of values of an application type.</summary>
    private void CompareContent(string path, Type type, object expected, object actual, List<ValueDifference> found)
    {
        var isCollection = TryCompareItems(path, expected, actual, found);
        if (isCollection && ComparedType.IsGenerated(type))
            return; // Only the items of an iterator are compared, not its state.
        if (!isCollection && ComparedType.FindSystemBase(type) is { } systemBase)
            Refuse(path, type, $"its content as a {systemBase.Name} is not accessible");
        CompareFields(path, type, expected, actual, found);
    }

    private void CompareFields(string path, Type type, object expected, object actual, List<ValueDifference> found)
    {
        foreach (var (name, field) in ComparedType.FieldsOf(type))
        {
            if (!_isSkipping || !field.IsDefined(typeof(NonSerializedAttribute), inherit: false))
                Compare(Join(path, name), field.GetValue(expected), field.GetValue(actual), found);
        }
    }

    private bool TryCompareItems(string path, object expected, object actual, List<ValueDifference> found)
    {
        if (expected is string || actual is string)
            return false;
        if (UnorderedCollections.EntriesOf(expected) is { } map && UnorderedCollections.EntriesOf(actual) is { } other)
            CompareEntries(path, map, other, found);
        else if (UnorderedCollections.ItemsOf(expected) is { } set
            && UnorderedCollections.ItemsOf(actual) is { } otherSet)
            CompareSets(path, set, otherSet, found);
        else if (expected is Array array && ArrayRanks.ShapeOf(array) is { } shape)
            return TryCompareRanks(path, array, shape, actual, found);
        else if (HoldsItems(expected) && HoldsItems(actual))
            CompareItems(
                path,
                [.. ((IEnumerable)expected).Cast<object?>()],
                [.. ((IEnumerable)actual).Cast<object?>()],
                found);
        else
            return false;
        return true;

        static bool HoldsItems(object value) =>
            value is IEnumerable && UnorderedCollections.HoldsItemsOnly(value) && ArrayRanks.ShapeOf(value) is null;
    }

    private bool TryCompareRanks(string path, Array expected, string shape, object actual, List<ValueDifference> found)
    {
        if (actual is not Array array || ArrayRanks.ShapeOf(array) is not { } other)
            return false;
        if (shape == other)
            CompareItems(path, ArrayRanks.RowsOf(expected), ArrayRanks.RowsOf(array), found);
        else
            found.Add(new ValueDifference(path, $"{shape} {Text(expected)}", $"{other} {Text(actual)}"));
        return true;
    }

    private void CompareEntries(
        string path, List<KeyValuePair<object?, object?>> expected, List<KeyValuePair<object?, object?>> actual,
        List<ValueDifference> found)
    {
        foreach (var (key, value) in expected)
        {
            var index = IndexOf(actual, other => other.Key, key);
            if (index < 0)
            {
                found.Add(new ValueDifference(Join(path, ValueTree.KeyText(key, _json)), Text(value), null));
                continue;
            }
            Compare(Join(path, ValueTree.KeyText(key, _json)), value, actual[index].Value, found);
            actual.RemoveAt(index);
        }
        foreach (var (key, value) in actual)
            found.Add(new ValueDifference(Join(path, ValueTree.KeyText(key, _json)), null, Text(value)));
    }

    private void CompareSets(string path, List<object?> expected, List<object?> actual, List<ValueDifference> found)
    {
        foreach (var item in expected)
        {
            var index = IndexOf(actual, other => other, item);
            if (index < 0)
                found.Add(new ValueDifference(path + "[]", Text(item), null));
            else
                actual.RemoveAt(index);
        }
        foreach (var item in actual)
            found.Add(new ValueDifference(path + "[]", null, Text(item)));
    }

    /// <summary>Returns the index of an item with the same value, by equality or by content.</summary>
    private int IndexOf<T>(List<T> items, Func<T, object?> read, object? value)
    {
        var index = items.FindIndex(item => Equals(read(item), value));
        return index >= 0 ? index : items.FindIndex(item => AreSame(read(item), value));
    }

    /// <summary>
    /// Compares lists. Common items at the start and the end are skipped, so that one additional item does not shift
    /// all others.
    /// </summary>
    private void CompareItems(string path, object?[] expected, object?[] actual, List<ValueDifference> found)
    {
        var first = 0;
        while (first < Math.Min(expected.Length, actual.Length) && AreSame(expected[first], actual[first]))
            first++;
        var end = expected.Length;
        var otherEnd = actual.Length;
        while (Math.Min(end, otherEnd) > first && AreSame(expected[end - 1], actual[otherEnd - 1]))
        {
            end--;
            otherEnd--;
        }
        for (var i = first; i < Math.Max(end, otherEnd) && found.Count < MaxDifferences; i++)
        {
            var itemPath = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (i >= end)
                found.Add(new ValueDifference(itemPath, null, Text(actual[i])));
            else if (i >= otherEnd)
                found.Add(new ValueDifference(itemPath, Text(expected[i]), null));
            else
                Compare(itemPath, expected[i], actual[i], found);
        }
    }

    private bool AreSame(object? left, object? right)
    {
        var found = new List<ValueDifference>();
        Compare("", left, right, found);
        return found.Count == 0;
    }

    private void CompareDelegates(string path, Delegate expected, Delegate actual, List<ValueDifference> found)
    {
        if (expected.Method != actual.Method)
            found.Add(new ValueDifference(path, expected.Method.Name, actual.Method.Name));
        else
            Compare(path, expected.Target, actual.Target, found);
    }

    private void CompareTrees(string path, object expected, object actual, List<ValueDifference> found)
    {
        foreach (var (inner, expectedText, actualText) in ValueDifferences.Between(
                ValueTree.Of(expected, _json), ValueTree.Of(actual, _json)))
        {
            var fullPath = inner.StartsWith('[') ? path + inner : Join(path, inner);
            found.Add(new ValueDifference(fullPath, expectedText, actualText));
        }
    }

    private void CompareByEquality(string path, object expected, object actual, List<ValueDifference> found)
    {
        if (!expected.Equals(actual))
            Add(path, expected, actual, found);
    }

    private void Add(string path, object? expected, object? actual, List<ValueDifference> found)
    {
        var expectedText = Text(expected);
        var actualText = Text(actual);
        if (expectedText == actualText)
            actualText += " (not equal by its Equals)";
        found.Add(new ValueDifference(path, expectedText, actualText));
    }

    private string Text(object? value) => ValueTree.Text(ValueTree.Of(value, _json));

    private string TextWithType(object value) => $"{value.GetType().Name} {Text(value)}";

    private static string Join(string path, string name) =>
        path.Length == 0 ? name
        : name.Length == 0 ? path
        : $"{path}.{name}";

    private void Refuse(string path, Type type, string reason)
    {
        if (_isSkipping)
            return;
        throw new SpecificationException(
            $"{(path.Length == 0 ? "The value" : $"'{path}'")}, a {type.Name}, cannot be compared: {reason}, and it "
                + "does not override Equals. "
            + "Compare a part of it, as in ThenState(state => state.Total, total), or give the type an Equals.");
    }
}
