using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Bakery;
using FsCheck.Fluent;

namespace Millrace.Testing.Tests;

/// <summary>Tests dictionaries whose keys are ids, in events, states, answers and documents.</summary>
public sealed class MapTests
{
    private static readonly ShelfId Rye = new("rye");
    private static readonly ShelfId Oats = new("oats");

    private static readonly MillId Left = new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));
    private static readonly MillId Right = new(Guid.Parse("0198c0de-0000-7000-8000-000000000002"));

    private static readonly Dictionary<ShelfId, int> Counts = new() { [Rye] = 1, [Oats] = 2 };

    public static TheoryData<object> SameCounts => new(
        new Dictionary<ShelfId, int> { [Oats] = 2, [Rye] = 1 },
        new SortedDictionary<ShelfId, int> { [Oats] = 2, [Rye] = 1 },
        new ReadOnlyDictionary<ShelfId, int>(new Dictionary<ShelfId, int> { [Oats] = 2, [Rye] = 1 }),
        new ConcurrentDictionary<ShelfId, int>(Counts),
        Counts.ToImmutableDictionary(),
        Counts.ToImmutableSortedDictionary(),
        Counts.ToFrozenDictionary(),
        new Wrapped(new() { [Oats] = 2, [Rye] = 1 }));

    [Theory]
    [MemberData(nameof(SameCounts))]
    public void Dictionaries_of_any_type_and_order_with_equal_entries_are_equal(object same)
    {
        AssertSame<object>(Counts, same);
        AssertSame<object>(same, Counts);

        var failure = Failure<object>(new Dictionary<ShelfId, int> { [Rye] = 1, [Oats] = 3 }, same);
        Assert.Contains("- oats: 3", failure, StringComparison.Ordinal);
        Assert.Contains("+ oats: 2", failure, StringComparison.Ordinal);
        var more = Failure<object>(new Dictionary<ShelfId, int>(Counts) { [new("spelt")] = 9 }, same);
        Assert.Contains("- spelt: 9", more, StringComparison.Ordinal);
        Assert.Contains(
            "+ oats: 2", Failure<object>(new Dictionary<ShelfId, int> { [Rye] = 1 }, same), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_every_kind_are_compared()
    {
        AssertSame(new Dictionary<MillId, string> { [Left] = "a" }, new Dictionary<MillId, string> { [Left] = "a" });
        AssertSame(Map((Left, Rye), 1), Map((Left, Rye), 1));
        AssertSame(Map(new List<int> { 1, 2 }, 1), Map(new List<int> { 1, 2 }, 1));

        Assert.Contains($"- {Left}: \"a\"", Failure(Map(Left, "a"), Map(Right, "a")), StringComparison.Ordinal);
        Assert.Contains(
            "- cash: 1", Failure(Map(PaymentKind.Cash, 1), Map(PaymentKind.Card, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_default_id_can_be_a_key()
    {
        AssertSame(default(MillId), default);
        AssertSame(Map(Left, default(ShelfId)), Map(Left, default(ShelfId)));
        AssertSame(new LoavesPut(default, 1), new LoavesPut(default, 1));

        Assert.Contains($"\"{Left}\"", Failure(default, Left), StringComparison.Ordinal);
        Assert.Contains(
            "- count: 2", Failure(new LoavesPut(default, 2), new LoavesPut(default, 1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_have_no_order()
    {
        AssertSame(new HashSet<ShelfId> { Rye, Oats }, new HashSet<ShelfId> { Oats, Rye });
        AssertSame<object>(new HashSet<ShelfId> { Rye, Oats }, ImmutableHashSet.Create(Oats, Rye));

        var failure = Failure(new HashSet<ShelfId> { Rye, Oats }, new HashSet<ShelfId> { Oats, new("spelt") });
        Assert.Contains("- []: \"rye\"", failure, StringComparison.Ordinal);
        Assert.Contains("+ []: \"spelt\"", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dictionaries_are_stored_in_events_answers_and_documents()
    {
        var shelves = new Dictionary<MillId, IReadOnlyList<ShelfId>> { [Right] = [Rye] };
        var taken = new StockTaken(Left, new Dictionary<ShelfId, int>(Counts), shelves);

        await Specification.ForHost<BakeryModel>()
            .When(new TakeStock(Left, Counts))
            .ThenResult<IReadOnlyDictionary<ShelfId, int>>(new Dictionary<ShelfId, int> { [Oats] = 2, [Rye] = 1 })
            .ThenResult<IReadOnlyDictionary<ShelfId, int>>(Counts.ToImmutableSortedDictionary())
            .Then(
                new StockTaken(
                    Left, new SortedDictionary<ShelfId, int>(Counts), new Dictionary<MillId, IReadOnlyList<ShelfId>>()))
            .ThenReadModel(Left, new Stock(new Dictionary<ShelfId, int> { [Oats] = 2, [Rye] = 1 }));
        var failure = await Assert.ThrowsAsync<SpecificationException>(() =>
            Specification
                .ForHost<BakeryModel>()
                .When(new TakeStock(Left, Counts))
                .ThenResult<IReadOnlyDictionary<ShelfId, int>>(new Dictionary<ShelfId, int> { [Rye] = 5, [Oats] = 2 })
                .Run());
        Assert.Contains("- rye: 5", failure.Message, StringComparison.Ordinal);
        Specification.For(new StockProjection()).When(taken).Then(Left, new Stock(Counts));
    }

    [Fact]
    public void Dictionaries_are_generated_and_shrunk()
    {
        var types = ModelGenerators.Of<BakeryModel>();

        Assert.Contains(
            types.Generate<StockTaken>().Sample(200), taken => taken.Counts.Count > 0 && taken.Shelves.Count > 1);
        var failure = Assert.Throws<SpecificationException>(() =>
            Histories
                .Of(Shelves.Decider)
                .Command<StockTaken>(
                    (taken, _) => taken.Counts.Count > 1 ? throw new NotSupportedException("Two are too many.") : [])
                .Check(runs: 1_000));
        Assert.Contains("""1. StockTaken {"mill":""", failure.Message, StringComparison.Ordinal);
        Assert.Contains("\"shelves\":{}}", failure.Message, StringComparison.Ordinal);
    }

    private static Dictionary<TKey, TValue> Map<TKey, TValue>(TKey key, TValue value)
        where TKey : notnull => new() { [key] = value };

    private static void AssertSame<T>(T expected, T actual) => Specification
        .For(new Decider<string>("shelf", () => "", (state, _) => state)).WithModel<BakeryModel>()
        .When(_ => Array.Empty<object>()).ThenState(_ => actual, expected);

    private static string Failure<T>(T expected, T actual) =>
        Assert.Throws<SpecificationException>(() => AssertSame(expected, actual)).Message;

    /// <summary>A dictionary that does not implement the non-generic interface.</summary>
    private sealed class Wrapped(Dictionary<ShelfId, int> inner) : IReadOnlyDictionary<ShelfId, int>
    {
        public int this[ShelfId key] => inner[key];

        public IEnumerable<ShelfId> Keys => inner.Keys;

        public IEnumerable<int> Values => inner.Values;

        public int Count => inner.Count;

        public bool ContainsKey(ShelfId key) => inner.ContainsKey(key);

        public bool TryGetValue(ShelfId key, out int value) => inner.TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<ShelfId, int>> GetEnumerator() => inner.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
