using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing;

/// <summary>
/// Finds where two values differ: by the model's JSON where there is some, by an equality of their own, and else by all
/// that they hold, what they do not show as well. What can be compared in none of these ways is refused: two texts that
/// are the same prove nothing.
/// </summary>
internal sealed class ValueComparison
{
    private const int MaxDifferences = 50;
    private const int MaxLevels = 100;

    private readonly JsonSerializerOptions? _json;
    private readonly List<(object Expected, object Actual)> _above = [];

    private readonly bool _isSkipping;

    private ValueComparison(JsonSerializerOptions? json, bool passesOver) => (_json, _isSkipping) = (json, passesOver);

    /// <exception cref="SpecificationException">They cannot be compared; says what to do.</exception>
    public static List<ValueDifference> Between(object? expected, object? actual, JsonSerializerOptions? json)
    {
        var found = new List<ValueDifference>();
        new ValueComparison(json, passesOver: false).Compare("", expected, actual, found);
        return found;
    }

    /// <summary>
    /// The same of two states that nobody chose to compare: what cannot be compared, such as a service, and fields
    /// marked with <c>[NonSerialized]</c> are passed over.
    /// </summary>
    public static List<ValueDifference> BetweenStates(object live, object replayed, JsonSerializerOptions? json)
    {
        var found = new List<ValueDifference>();
        new ValueComparison(json, passesOver: true).Compare("", live, replayed, found);
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
        if (_above.Exists(pair => ReferenceEquals(pair.Expected, expected) && ReferenceEquals(pair.Actual, actual)))
            return; // They hold themselves, and are being compared.
        if (_above.Count == MaxLevels)
        {
            Refuse(path, expected.GetType(), $"it nests deeper than {MaxLevels} levels");
            return;
        }
        _above.Add((expected, actual));
        if (expected.GetType() == actual.GetType())
            CompareOfOneType(path, expected, actual, found);
        else
            CompareOfTwoTypes(path, expected, actual, found);
        _above.RemoveAt(_above.Count - 1);
    }

    private void CompareOfTwoTypes(string path, object expected, object actual, List<ValueDifference> found)
    {
        if ((expected is JsonNode && actual is JsonNode)
            || (ComparedType.IsNumber(expected) && ComparedType.IsNumber(actual)))
            CompareTrees(path, expected, actual, found);
        else if (!TryCompareItems(path, expected, actual, found))
            found.Add(new ValueDifference(path, TextWithType(expected), TextWithType(actual)));
    }

    private void CompareOfOneType(string path, object expected, object actual, List<ValueDifference> found)
    {
        var type = expected.GetType();
        if (expected is JsonNode or JsonElement)
            CompareTrees(path, expected, actual, found);
        else if (!ComparedType.IsOfSystem(type)
            && ValueTree.Written(expected, _json) is { } want && ValueTree.Written(actual, _json) is { } have)
            CompareTrees(path, want, have, found);
        else if (expected is Delegate before && actual is Delegate after)
            CompareDelegates(path, before, after, found);
        else if (ComparedType.IsOfSystem(type))
            CompareOfSystem(path, type, expected, actual, found);
        else if (ComparedType.HasEqualityOfItsOwn(type))
            CompareByEquality(path, expected, actual, found);
        else
            CompareHeld(path, type, expected, actual, found);
    }

    private void CompareOfSystem(string path, Type type, object expected, object actual, List<ValueDifference> found)
    {
        if (expected is ITuple or DictionaryEntry || ComparedType.IsPair(type))
            CompareFields(path, type, expected, actual, found);
        else if (expected is StringBuilder)
            CompareByEquality(path, expected.ToString()!, actual.ToString()!, found); // A builder's text is never null.
        else if (TryCompareItems(path, expected, actual, found) || type == typeof(object) || ComparedType.IsLock(type))
            return;
        else if (ComparedType.HasEqualityOfItsOwn(type))
            CompareByEquality(path, expected, actual, found);
        else
            Refuse(path, type, "it does not tell what it holds");
    }

    /// <summary>A type of the application: its items, and its fields.</summary>
    private void CompareHeld(string path, Type type, object expected, object actual, List<ValueDifference> found)
    {
        var isCollection = TryCompareItems(path, expected, actual, found);
        if (isCollection && ComparedType.IsGenerated(type))
            return; // An iterator: what it gives counts, and not where it is.
        if (!isCollection && ComparedType.FindForeignBase(type) is { } foreign)
            Refuse(path, type, $"it does not tell what it holds as a {foreign.Name}");
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
            var place = IndexOf(actual, other => other.Key, key);
            if (place < 0)
            {
                found.Add(new ValueDifference(Join(path, ValueTree.KeyText(key, _json)), Text(value), null));
                continue;
            }
            Compare(Join(path, ValueTree.KeyText(key, _json)), value, actual[place].Value, found);
            actual.RemoveAt(place);
        }
        foreach (var (key, value) in actual)
            found.Add(new ValueDifference(Join(path, ValueTree.KeyText(key, _json)), null, Text(value)));
    }

    private void CompareSets(string path, List<object?> expected, List<object?> actual, List<ValueDifference> found)
    {
        foreach (var item in expected)
        {
            var place = IndexOf(actual, other => other, item);
            if (place < 0)
                found.Add(new ValueDifference(path + "[]", Text(item), null));
            else
                actual.RemoveAt(place);
        }
        foreach (var item in actual)
            found.Add(new ValueDifference(path + "[]", null, Text(item)));
    }

    /// <summary>Where the same stands: by equality, or by what it holds.</summary>
    private int IndexOf<T>(List<T> items, Func<T, object?> read, object? sought)
    {
        var place = items.FindIndex(item => Equals(read(item), sought));
        return place >= 0 ? place : items.FindIndex(item => AreSame(read(item), sought));
    }

    /// <summary>What is the same at the beginning and at the end is passed over, so that one item more does not shift
    /// all others.</summary>
    private void CompareItems(string path, object?[] expected, object?[] actual, List<ValueDifference> found)
    {
        var first = 0;
        while (first < Math.Min(expected.Length, actual.Length) && AreSame(expected[first], actual[first]))
            first++;
        var (end, otherEnd) = (expected.Length, actual.Length);
        while (Math.Min(end, otherEnd) > first && AreSame(expected[end - 1], actual[otherEnd - 1]))
            (end, otherEnd) = (end - 1, otherEnd - 1);
        for (var i = first; i < Math.Max(end, otherEnd) && found.Count < MaxDifferences; i++)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (i >= end)
                found.Add(new ValueDifference(place, null, Text(actual[i])));
            else if (i >= otherEnd)
                found.Add(new ValueDifference(place, Text(expected[i]), null));
            else
                Compare(place, expected[i], actual[i], found);
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
        foreach (var (inner, want, have) in ValueDifferences.Between(
                ValueTree.Of(expected, _json), ValueTree.Of(actual, _json)))
            found.Add(new ValueDifference(inner.StartsWith('[') ? path + inner : Join(path, inner), want, have));
    }

    private void CompareByEquality(string path, object expected, object actual, List<ValueDifference> found)
    {
        if (!expected.Equals(actual))
            Add(path, expected, actual, found);
    }

    private void Add(string path, object? expected, object? actual, List<ValueDifference> found)
    {
        var (want, have) = (Text(expected), Text(actual));
        found.Add(new ValueDifference(path, want, want == have ? $"{have} (not equal by its Equals)" : have));
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
            $"{(path.Length == 0 ? "The value" : $"'{path}'")}, a {type.Name}, cannot be compared: {reason}, and has "
                + $"no Equals of its own. "
            + "Compare a part of it, as in ThenState(state => state.Total, total), or give the type an Equals.");
    }
}
