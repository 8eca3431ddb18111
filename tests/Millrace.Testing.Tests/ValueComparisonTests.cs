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
        Assert.Contains("nests deeper than 100 levels", Failure(Nested(200, "rye"), Nested(200, "oats")), StringComparison.Ordinal);
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
        Passes(new Dictionary<string, decimal> { ["rye"] = 29.90m }, new Dictionary<string, decimal> { ["rye"] = 29.9m });
        Passes<object>(1, 1L);

        Fails(Numbers(2), Numbers(3), "[2]: 2");
        Fails(new Dictionary<string, int> { ["rye"] = 1 }, new Dictionary<string, int> { ["rye"] = 2 }, "rye: 1");
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
