using System.Collections;
using System.Collections.Specialized;
using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>What is another value fails, whatever it shows of itself; what is the same passes.</summary>
public sealed class ValueComparisonTests
{
    [Fact]
    public void Tuples_are_compared_by_what_is_in_them()
    {
        Passes((new List<string> { "x", "y" }, 2), (new List<string> { "x", "y" }, 2));

        Fails((new List<string> { "x", "y", "z" }, 2), (new List<string> { "x", "y" }, 2), "item1[2]: \"z\"");
        Fails(Tuple.Create(new List<int> { 1 }), Tuple.Create(new List<int> { 2 }), "[0]: 1");
    }

    [Fact]
    public void Public_fields_count()
    {
        Passes(new Place { Row = 1 }, new Place { Row = 1 });

        Fails(new Place { Row = 1 }, new Place { Row = 2 }, "row: 1");
    }

    [Fact]
    public void What_is_not_shown_counts()
    {
        Passes(new Counter("oven").Touch(), new Counter("oven").Touch());

        Fails(new Counter("oven"), new Counter("oven").Touch(), "_touches: 0");
        Fails<object>(new SpecialCounter("oven"), new SpecialCounter("oven").Touch(), "_touches: 0");
    }

    [Fact]
    public void Nothing_is_too_deep_to_be_looked_at()
    {
        Passes(Nested(20, "rye"), Nested(20, "rye"));

        Fails(Nested(20, "rye"), Nested(20, "oats"), "\"rye\"");
        Assert.Contains(
            "nests deeper than 100 levels", Failure(Nested(200, "rye"), Nested(200, "oats")), StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_with_the_same_members_are_different_ones() =>
        Fails<object>(new Shelf.Empty(), new Shelf.Filled(0), "- Empty");

    [Fact]
    public void An_equality_of_its_own_decides()
    {
        Passes(new Code("rye"), new Code("RYE"));
        Passes(new[] { new Code("rye") }, new[] { new Code("RYE") });

        Fails(new[] { new Code("rye") }, new[] { new Code("oats") }, "[0]:");
    }

    [Fact]
    public void Records_are_compared_by_what_is_in_their_lists()
    {
        Passes(new Basket(["rye"]), new Basket(["rye"]));
        Passes(new { Loaves = new List<int> { 1 } }, new { Loaves = new List<int> { 1 } });

        Fails(new Basket(["rye"]), new Basket(["oats"]), "loaves[0]: \"rye\"");
        Fails(new { Loaves = new List<int> { 1 } }, new { Loaves = new List<int> { 2 } }, "loaves[0]: 1");
    }

    [Fact]
    public void A_collection_may_hold_more_than_its_items()
    {
        Passes(new Tray { "rye" }, new Tray { "rye" });

        Fails(new Tray { "rye" }, new Tray { "oats" }, "[0]: \"rye\"");
        Fails(new Tray("left") { "rye" }, new Tray("right") { "rye" }, "place: \"left\"");
    }

    [Fact]
    public void Lists_and_what_gives_the_same_items_are_the_same()
    {
        Passes<IEnumerable<int>>([1, 2], Enumerable.Range(1, 2));
        Passes(Numbers(2), Numbers(2));
        Passes(
            new Dictionary<string, decimal> { ["rye"] = 29.90m }, new Dictionary<string, decimal> { ["rye"] = 29.9m });
        Passes<object>(1, 1L);

        Fails(Numbers(2), Numbers(3), "[2]: 2");
        Fails(new Dictionary<string, int> { ["rye"] = 1 }, new Dictionary<string, int> { ["rye"] = 2 }, "rye: 1");
    }

    [Fact]
    public void Groups_are_compared_with_their_keys()
    {
        string[] loaves = ["rye", "oats"];
        Passes(loaves.ToLookup(loaf => loaf.Length), loaves.Reverse().ToLookup(loaf => loaf.Length));
        Passes(loaves.GroupBy(_ => 1).Single(), loaves.GroupBy(_ => 1).Single());

        Fails(loaves.ToLookup(_ => "left"), loaves.ToLookup(_ => "right"), "- left: [\"rye\",\"oats\"]");
        Fails(loaves.ToLookup(_ => "left"), loaves.Reverse().ToLookup(_ => "left"), "left[0]: \"rye\"");
        Fails(loaves.ToLookup(_ => (string?)null), loaves.ToLookup(_ => (string?)""), "- null: [\"rye\",\"oats\"]");
        Fails(loaves.GroupBy(_ => 1).Single(), loaves.GroupBy(_ => 2).Single(), "- 1: [\"rye\",\"oats\"]");
        Fails(loaves.GroupBy(_ => 1), loaves.GroupBy(_ => 2), "- [0].1: [\"rye\",\"oats\"]");
        Fails<IEnumerable<string>>(loaves.GroupBy(_ => 1).Single(), loaves, "{\"1\":[\"rye\",\"oats\"]}");
    }

    [Fact]
    public void Names_are_compared_with_their_values()
    {
        Passes(Named(("rye", "1"), ("oats", "2")), Named(("oats", "2"), ("rye", "1")));

        Fails(Named(("rye", "1")), Named(("rye", "2")), "rye[0]: \"1\"");
        Fails(Named(("rye", "1")), Named(("rye", "1"), ("rye", "2")), "+ rye[1]: \"2\"");
        Fails(Named((null, "1")), Named(("", "1")), "- null: [\"1\"]");
        Fails<IEnumerable>(Named(("rye", "1")), new List<string> { "rye" }, "- NameValueCollection {\"rye\":[\"1\"]}");
    }

    [Fact]
    public void Arrays_of_several_ranks_are_compared_by_their_shape_too()
    {
        Passes(new[,] { { 1, 2 }, { 3, 4 } }, new[,] { { 1, 2 }, { 3, 4 } });
        Passes(new Box[1, 1] { { new("rye") } }, new Box[1, 1] { { new("rye") } });

        Fails(new[,] { { 1, 2 }, { 3, 4 } }, new[,] { { 1, 2 }, { 3, 5 } }, "[1][1]: 4");
        Fails(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }, new[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, "2 × 3 [[1,2,3],[4,5,6]]");
        Fails(new int[0, 3], new int[0, 5], "- 0 × 3 []");
        Fails<Array>(new int[2, 2], new int[4], "- Int32[,] [[0,0],[0,0]]");
        Fails<Array>(new int[4], new int[2, 2], "- Int32[] [0,0,0,0]");
        Fails(
            Array.CreateInstance(typeof(int), [1, 1], [0, 1]),
            Array.CreateInstance(typeof(int), [1, 1], [0, 0]),
            "1 × 1 from 1 [[0]]");
    }

    [Fact]
    public void What_holds_itself_comes_to_an_end()
    {
        var (left, right) = (new Link(), new Link());
        (left.Next, right.Next) = (left, right);
        Passes(left, right);

        right.Number = 1;
        Fails(left, right, "number: 0");
    }

    [Fact]
    public void What_cannot_be_compared_is_refused() => Assert.StartsWith(
        "The value, a Random, cannot be compared",
        Failure(new Random(1), new Random(2)), StringComparison.Ordinal);

    private static void Passes<T>(T expected, T actual) => Specification
        .For(new Decider<string>("shelf", () => "", (state, _) => state)).WithModel<BakeryModel>()
        .When(_ => Array.Empty<object>()).ThenState(_ => actual, expected);

    private static void Fails<T>(T expected, T actual, string told) =>
        Assert.Contains(told, Failure(expected, actual), StringComparison.Ordinal);

    private static string Failure<T>(T expected, T actual) =>
        Assert.Throws<SpecificationException>(() => Passes(expected, actual)).Message;

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
