using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Shapes;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Values that were lost on the way through a store without an error.</summary>
public sealed class EdgeValueTests
{
    private static readonly SetsHeld Sets = new(
        [],
        new HashSet<decimal>(),
        new HashSet<DateTimeOffset>(),
        [],
        ImmutableHashSet<double>.Empty,
        ImmutableSortedSet<string>.Empty);

    private static readonly MapsHeld Maps = new(
        [],
        new Dictionary<string, string>(),
        new Dictionary<string, decimal>(),
        [],
        ImmutableDictionary<string, bool>.Empty,
        ImmutableSortedDictionary<string, Guid>.Empty);

    private static readonly TextsHeld Texts = new("", 'a', new Uri("https://example.org"), [], JsonElement.Parse("1"));

    public static TheoryData<EventFormat> Formats => [EventFormat.Json, EventFormat.Cbor];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Sorted_texts_that_a_culture_takes_for_the_same_all_come_back(EventFormat format)
    {
        string[] texts = ["ab", "a\u00ADb", "a\u200Bb"];
        var sets = Sets with
        {
            SortedSet = new SortedSet<string>(texts, StringComparer.Ordinal),
            ImmutableSortedSet = ImmutableSortedSet.Create(StringComparer.Ordinal, texts),
        };
        var maps = Maps with
        {
            SortedDictionary = new SortedDictionary<string, double>(
                texts.ToDictionary(text => text, _ => 1.0), StringComparer.Ordinal),
            ImmutableSortedDictionary = texts.ToImmutableSortedDictionary(
                text => text, _ => Guid.Empty, StringComparer.Ordinal),
        };

        var (againSets, againMaps) = (ShapesEvents.Again(sets, format), ShapesEvents.Again(maps, format));

        var ordered = texts.Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(ordered, againSets.SortedSet.ToArray());
        Assert.Equal(ordered, againSets.ImmutableSortedSet.ToArray());
        Assert.Equal(ordered, againMaps.SortedDictionary.Keys.ToArray());
        Assert.Equal(ordered, againMaps.ImmutableSortedDictionary.Keys.ToArray());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_set_or_dictionary_that_holds_equal_items_apart_is_refused(EventFormat format)
    {
        var apart = EqualityComparer<string>.Create((one, other) => ReferenceEquals(one, other), text => text.Length);
        var (one, other) = (new string('a', 2), new string('a', 2));

        foreach (var sets in new[]
            {
                Sets with
                {
                    HashSet = new HashSet<string>([one, other], apart),
                },
                Sets with
                {
                    ISet = new SortedSet<decimal>(
                        [1.0m, 1.00m],
                        Comparer<decimal>.Create((one, two) => one.Scale - two.Scale)),
                },
                Sets with
                {
                    ReadOnlySet = new[] { default(DateTimeOffset), default }.ToImmutableHashSet(
                        Apart<DateTimeOffset>()),
                },
                Sets with
                {
                    ImmutableHashSet = ImmutableHashSet.Create(Apart<double>(), 1, 1),
                },
                Sets with
                {
                    SortedSet = new SortedSet<string>([one, other], Comparer<string>.Create((_, _) => 1)),
                },
            }
        )
        {
            var refusal = Assert.Throws<CannotSerializeException>(() => ShapesEvents.Again(sets, format));
            Assert.Contains("would be lost", refusal.Message, StringComparison.Ordinal);
        }
        var map = new Dictionary<string, int>(apart) { [one] = 1, [other] = 2 };
        Assert.Throws<CannotSerializeException>(() => ShapesEvents.Again(Maps with { Dictionary = map }, format));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_set_or_dictionary_with_a_coarser_comparer_or_of_another_class_is_stored(EventFormat format)
    {
        var sets = Sets with
        {
            HashSet = new HashSet<string>(["a", "B"], StringComparer.OrdinalIgnoreCase),
            ISet = new SortedSet<decimal>([1, 2]),
            ReadOnlySet = new[] { DateTimeOffset.UnixEpoch, default }.ToFrozenSet(),
        };
        var maps = Maps with { ReadOnlyDictionary = new SortedList<string, decimal> { ["a"] = 1, ["A"] = 2 } };

        Assert.Null(SameValue.Difference(sets, ShapesEvents.Again(sets, format)));
        Assert.Null(SameValue.Difference(maps, ShapesEvents.Again(maps, format)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_path_stays_what_it_was_a_file_or_relative(EventFormat format)
    {
        foreach (var (text, kind) in new[]
            {
                ("/a/b", UriKind.Absolute),
                ("/a/b", UriKind.Relative),
                ("//host/a", UriKind.Relative),
            }
        )
        {
            var link = new Uri(text, kind);

            var again = ShapesEvents.Again(Texts with { Link = link }, format).Link;

            Assert.Equal((link, kind == UriKind.Absolute), (again, again.IsAbsoluteUri));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Only_what_is_the_default_in_each_bit_is_left_out(EventFormat format)
    {
        foreach (var marked in new[]
        {
            new Marked { Name = "", Number = -0.0 },
            new Marked { Name = "", Amount = 0.00m },
            new Marked { Name = "", At = new DateTimeOffset(1, 1, 1, 2, 0, 0, TimeSpan.FromHours(2)) },
            new Marked { Name = "", Local = DateTime.SpecifyKind(default, DateTimeKind.Utc) },
            new Marked { Name = "", Cell = new Cell(0, null, 0.0m) },
            new Marked { Name = "" },
        })
        {
            var value = new ObjectsNoted(null, null, null, null, null, marked, null, null, null, null);
            Assert.Null(SameValue.Difference(value, ShapesEvents.Again(value, format)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_unknown_member_that_is_there_twice_is_refused(EventFormat format)
    {
        var more = new Dictionary<string, JsonElement>(Apart<string>())
        {
            ["a"] = JsonElement.Parse("1"),
            ["b"] = JsonElement.Parse("2"),
        };
        more.Add("a", JsonElement.Parse("3"));
        var value = new ObjectsNoted(
            null, null, null, null, null, null, null, new Open("") { More = more }, null, null);

        Assert.Throws<CannotSerializeException>(() => ShapesEvents.Again(value, format));
    }

    private static EqualityComparer<T> Apart<T>() => EqualityComparer<T>.Create((_, _) => false, _ => 0);
}
