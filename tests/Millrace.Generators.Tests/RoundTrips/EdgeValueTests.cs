using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Shapes;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests values that a store once changed or lost without an error.</summary>
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
    public void Sorted_texts_that_are_equal_in_a_culture_are_all_read_back(EventFormat format)
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

        var (readSets, readMaps) = (ShapesEvents.RoundTrip(sets, format), ShapesEvents.RoundTrip(maps, format));

        var ordered = texts.Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(ordered, readSets.SortedSet.ToArray());
        Assert.Equal(ordered, readSets.ImmutableSortedSet.ToArray());
        Assert.Equal(ordered, readMaps.SortedDictionary.Keys.ToArray());
        Assert.Equal(ordered, readMaps.ImmutableSortedDictionary.Keys.ToArray());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_set_or_dictionary_with_duplicate_items_is_refused(EventFormat format)
    {
        var byReference = EqualityComparer<string>.Create(
            (left, right) => ReferenceEquals(left, right), text => text.Length);
        var (first, second) = (new string('a', 2), new string('a', 2));

        foreach (var sets in new[]
            {
                Sets with
                {
                    HashSet = new HashSet<string>([first, second], byReference),
                },
                Sets with
                {
                    ISet = new SortedSet<decimal>(
                        [1.0m, 1.00m],
                        Comparer<decimal>.Create((left, right) => left.Scale - right.Scale)),
                },
                Sets with
                {
                    ReadOnlySet = new[] { default(DateTimeOffset), default }.ToImmutableHashSet(
                        NeverEqual<DateTimeOffset>()),
                },
                Sets with
                {
                    ImmutableHashSet = ImmutableHashSet.Create(NeverEqual<double>(), 1, 1),
                },
                Sets with
                {
                    SortedSet = new SortedSet<string>([first, second], Comparer<string>.Create((_, _) => 1)),
                },
            }
        )
        {
            var refusal = Assert.Throws<CannotSerializeException>(() => ShapesEvents.RoundTrip(sets, format));
            Assert.Contains("would be lost", refusal.Message, StringComparison.Ordinal);
        }
        var map = new Dictionary<string, int>(byReference) { [first] = 1, [second] = 2 };
        Assert.Throws<CannotSerializeException>(() => ShapesEvents.RoundTrip(Maps with { Dictionary = map }, format));
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

        Assert.Null(SameValue.Difference(sets, ShapesEvents.RoundTrip(sets, format)));
        Assert.Null(SameValue.Difference(maps, ShapesEvents.RoundTrip(maps, format)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_path_remains_a_file_link_or_a_relative_link(EventFormat format)
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

            var again = ShapesEvents.RoundTrip(Texts with { Link = link }, format).Link;

            Assert.Equal((link, kind == UriKind.Absolute), (again, again.IsAbsoluteUri));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Only_values_that_equal_the_default_in_every_bit_are_omitted(EventFormat format)
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
            Assert.Null(SameValue.Difference(value, ShapesEvents.RoundTrip(value, format)));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_duplicate_unknown_member_is_refused(EventFormat format)
    {
        var more = new Dictionary<string, JsonElement>(NeverEqual<string>())
        {
            ["a"] = JsonElement.Parse("1"),
            ["b"] = JsonElement.Parse("2"),
        };
        more.Add("a", JsonElement.Parse("3"));
        var value = new ObjectsNoted(
            null, null, null, null, null, null, null, new Open("") { More = more }, null, null);

        Assert.Throws<CannotSerializeException>(() => ShapesEvents.RoundTrip(value, format));
    }

    private static EqualityComparer<T> NeverEqual<T>() => EqualityComparer<T>.Create((_, _) => false, _ => 0);
}
