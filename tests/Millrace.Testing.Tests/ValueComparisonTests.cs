using System.Collections;
using System.Collections.Specialized;
using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests that different values fail and equal values pass, including values with private state.</summary>
public sealed class ValueComparisonTests
{
    [Fact]
    public void Tuples_are_compared_by_their_items()
    {
        AssertSame((new List<string> { "x", "y" }, 2), (new List<string> { "x", "y" }, 2));

        AssertDiffer((new List<string> { "x", "y", "z" }, 2), (new List<string> { "x", "y" }, 2), "item1[2]: \"z\"");
        AssertDiffer(Tuple.Create(new List<int> { 1 }), Tuple.Create(new List<int> { 2 }), "[0]: 1");
    }

    [Fact]
    public void Public_fields_are_compared()
    {
        AssertSame(new Place { Row = 1 }, new Place { Row = 1 });

        AssertDiffer(new Place { Row = 1 }, new Place { Row = 2 }, "row: 1");
    }

    [Fact]
    public void Private_fields_are_compared()
    {
        AssertSame(new Counter("oven").Touch(), new Counter("oven").Touch());

        AssertDiffer(new Counter("oven"), new Counter("oven").Touch(), "_touches: 0");
        AssertDiffer<object>(new SpecialCounter("oven"), new SpecialCounter("oven").Touch(), "_touches: 0");
    }

    [Fact]
    public void Nested_values_are_compared_to_a_depth_of_100_levels()
    {
        AssertSame(Nested(20, "rye"), Nested(20, "rye"));

        AssertDiffer(Nested(20, "rye"), Nested(20, "oats"), "\"rye\"");
        Assert.Contains(
            "nests deeper than 100 levels", Failure(Nested(200, "rye"), Nested(200, "oats")), StringComparison.Ordinal);
    }

    [Fact]
    public void Derived_types_with_the_same_members_are_different() =>
        AssertDiffer<object>(new Shelf.Empty(), new Shelf.Filled(0), "- Empty");

    [Fact]
    public void An_overridden_Equals_is_used()
    {
        AssertSame(new Code("rye"), new Code("RYE"));
        AssertSame(new[] { new Code("rye") }, new[] { new Code("RYE") });

        AssertDiffer(new[] { new Code("rye") }, new[] { new Code("oats") }, "[0]:");
    }

    [Fact]
    public void Records_are_compared_by_the_items_of_their_lists()
    {
        AssertSame(new Basket(["rye"]), new Basket(["rye"]));
        AssertSame(new { Loaves = new List<int> { 1 } }, new { Loaves = new List<int> { 1 } });

        AssertDiffer(new Basket(["rye"]), new Basket(["oats"]), "loaves[0]: \"rye\"");
        AssertDiffer(new { Loaves = new List<int> { 1 } }, new { Loaves = new List<int> { 2 } }, "loaves[0]: 1");
    }

    [Fact]
    public void Properties_of_a_collection_are_compared()
    {
        AssertSame(new Tray { "rye" }, new Tray { "rye" });

        AssertDiffer(new Tray { "rye" }, new Tray { "oats" }, "[0]: \"rye\"");
        AssertDiffer(new Tray("left") { "rye" }, new Tray("right") { "rye" }, "place: \"left\"");
    }

    [Fact]
    public void Collections_of_different_types_with_the_same_items_are_equal()
    {
        AssertSame<IEnumerable<int>>([1, 2], Enumerable.Range(1, 2));
        AssertSame(Numbers(2), Numbers(2));
        AssertSame(
            new Dictionary<string, decimal> { ["rye"] = 29.90m }, new Dictionary<string, decimal> { ["rye"] = 29.9m });
        AssertSame<object>(1, 1L);

        AssertDiffer(Numbers(2), Numbers(3), "[2]: 2");
        AssertDiffer(
            new Dictionary<string, int> { ["rye"] = 1 }, new Dictionary<string, int> { ["rye"] = 2 }, "rye: 1");
    }

    [Fact]
    public void Groups_are_compared_with_their_keys()
    {
        string[] loaves = ["rye", "oats"];
        AssertSame(loaves.ToLookup(loaf => loaf.Length), loaves.Reverse().ToLookup(loaf => loaf.Length));
        AssertSame(loaves.GroupBy(_ => 1).Single(), loaves.GroupBy(_ => 1).Single());

        AssertDiffer(loaves.ToLookup(_ => "left"), loaves.ToLookup(_ => "right"), "- left: [\"rye\",\"oats\"]");
        AssertDiffer(loaves.ToLookup(_ => "left"), loaves.Reverse().ToLookup(_ => "left"), "left[0]: \"rye\"");
        AssertDiffer(
            loaves.ToLookup(_ => (string?)null), loaves.ToLookup(_ => (string?)""), "- null: [\"rye\",\"oats\"]");
        AssertDiffer(loaves.GroupBy(_ => 1).Single(), loaves.GroupBy(_ => 2).Single(), "- 1: [\"rye\",\"oats\"]");
        AssertDiffer(loaves.GroupBy(_ => 1), loaves.GroupBy(_ => 2), "- [0].1: [\"rye\",\"oats\"]");
        AssertDiffer<IEnumerable<string>>(loaves.GroupBy(_ => 1).Single(), loaves, "{\"1\":[\"rye\",\"oats\"]}");
    }

    [Fact]
    public void Names_are_compared_with_their_values()
    {
        AssertSame(Named(("rye", "1"), ("oats", "2")), Named(("oats", "2"), ("rye", "1")));

        AssertDiffer(Named(("rye", "1")), Named(("rye", "2")), "rye[0]: \"1\"");
        AssertDiffer(Named(("rye", "1")), Named(("rye", "1"), ("rye", "2")), "+ rye[1]: \"2\"");
        AssertDiffer(Named((null, "1")), Named(("", "1")), "- null: [\"1\"]");
        AssertDiffer<IEnumerable>(
            Named(("rye", "1")), new List<string> { "rye" }, "- NameValueCollection {\"rye\":[\"1\"]}");
    }

    [Fact]
    public void Multidimensional_arrays_are_compared_with_their_shape()
    {
        AssertSame(new[,] { { 1, 2 }, { 3, 4 } }, new[,] { { 1, 2 }, { 3, 4 } });
        AssertSame(new Box[1, 1] { { new("rye") } }, new Box[1, 1] { { new("rye") } });

        AssertDiffer(new[,] { { 1, 2 }, { 3, 4 } }, new[,] { { 1, 2 }, { 3, 5 } }, "[1][1]: 4");
        AssertDiffer(
            new[,] { { 1, 2, 3 }, { 4, 5, 6 } }, new[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, "2 × 3 [[1,2,3],[4,5,6]]");
        AssertDiffer(new int[0, 3], new int[0, 5], "- 0 × 3 []");
        AssertDiffer<Array>(new int[2, 2], new int[4], "- Int32[,] [[0,0],[0,0]]");
        AssertDiffer<Array>(new int[4], new int[2, 2], "- Int32[] [0,0,0,0]");
        AssertDiffer(
            Array.CreateInstance(typeof(int), [1, 1], [0, 1]),
            Array.CreateInstance(typeof(int), [1, 1], [0, 0]),
            "1 × 1 from 1 [[0]]");
    }

    [Fact]
    public void Comparing_a_cyclic_value_ends()
    {
        var (left, right) = (new Link(), new Link());
        (left.Next, right.Next) = (left, right);
        AssertSame(left, right);

        right.Number = 1;
        AssertDiffer(left, right, "number: 0");
    }

    [Fact]
    public void A_value_that_cannot_be_compared_is_refused() => Assert.StartsWith(
        "The value, a Random, cannot be compared",
        Failure(new Random(1), new Random(2)), StringComparison.Ordinal);

    private static void AssertSame<T>(T expected, T actual) => Specification
        .For(new Decider<string>("shelf", () => "", (state, _) => state)).WithModel<BakeryModel>()
        .When(_ => Array.Empty<object>()).ThenState(_ => actual, expected);

    private static void AssertDiffer<T>(T expected, T actual, string expectedText) =>
        Assert.Contains(expectedText, Failure(expected, actual), StringComparison.Ordinal);

    private static string Failure<T>(T expected, T actual) =>
        Assert.Throws<SpecificationException>(() => AssertSame(expected, actual)).Message;

    private static NameValueCollection Named(params (string? Name, string Value)[] entries)
    {
        var named = new NameValueCollection();
        foreach (var (name, value) in entries)
            named.Add(name, value);
        return named;
    }

    private static IEnumerable<int> Numbers(int count)
    {
        for (var i = 0; i < count; i++)
            yield return i;
    }

    private static object Nested(int levels, string inner)
    {
        object nested = new Basket([inner]);
        for (var i = 0; i < levels; i++)
            nested = new Box(nested);
        return nested;
    }

    private struct Place
    {
        public int Row;
    }

    private class Counter(string name)
    {
        private int _touches;

        public string Name => name;

        public Counter Touch()
        {
            _touches++;
            return this;
        }
    }

    private sealed class SpecialCounter(string name) : Counter(name);

    private sealed record Box(object Inner);

    private sealed record Basket(IReadOnlyList<string> Loaves);

    private sealed class Tray(string place = "") : List<string>
    {
        public string Place => place;
    }

    private sealed class Link
    {
        public Link? Next { get; set; }

        public int Number { get; set; }
    }

    private sealed class Code(string text)
    {
        public override bool Equals(object? obj) => obj is Code other && other.ToString() == ToString();

        public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

        public override string ToString() => text.ToUpperInvariant();
    }
}
