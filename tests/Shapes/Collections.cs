using System.Collections.Immutable;
using System.Text.Json;
using Millrace;

namespace Shapes;

/// <summary>An event whose members are lists without null values.</summary>
[Event("lists.held")]
public sealed record ListsHeld(
    int[] Array,
    List<string> List,
    IList<decimal> IList,
    ICollection<double> Collection,
    IReadOnlyList<DateTimeOffset> ReadOnlyList,
    IReadOnlyCollection<Guid> ReadOnlyCollection,
    IEnumerable<char> Items,
    ImmutableArray<DateTime> ImmutableArray,
    ImmutableList<Uri> ImmutableList,
    List<byte[]> Bytes,
    JsonElement[] Elements);

/// <summary>An event whose members are nullable lists with nullable items.</summary>
[Event("lists.noted")]
public sealed record ListsNoted(
    int?[]? Array,
    List<string?>? List,
    IList<decimal?>? IList,
    ICollection<double?>? Collection,
    IReadOnlyList<DateTimeOffset?>? ReadOnlyList,
    IReadOnlyCollection<Guid?>? ReadOnlyCollection,
    IEnumerable<char?>? Items,
    ImmutableArray<DateTime?>? ImmutableArray,
    ImmutableList<Uri?>? ImmutableList,
    List<byte[]?>? Bytes);

/// <summary>An event whose members are sets without null values.</summary>
[Event("sets.held")]
public sealed record SetsHeld(
    HashSet<string> HashSet, ISet<decimal> ISet, IReadOnlySet<DateTimeOffset> ReadOnlySet, SortedSet<string> SortedSet,
    ImmutableHashSet<double> ImmutableHashSet, ImmutableSortedSet<string> ImmutableSortedSet);

/// <summary>An event whose members are nullable sets. Their items are nullable or have custom types.</summary>
[Event("sets.noted")]
public sealed record SetsNoted(
    HashSet<string?>? HashSet,
    ISet<DateTime?>? ISet,
    IReadOnlySet<Label>? ReadOnlySet,
    SortedSet<int>? SortedSet,
    ImmutableHashSet<Point>? ImmutableHashSet,
    ImmutableSortedSet<Weight>? ImmutableSortedSet,
    HashSet<Cell>? Cells,
    HashSet<Uri>? Links);

/// <summary>An event whose members are dictionaries with string keys.</summary>
[Event("maps.held")]
public sealed record MapsHeld(
    Dictionary<string, int> Dictionary,
    IDictionary<string, string> IDictionary,
    IReadOnlyDictionary<string, decimal> ReadOnlyDictionary,
    SortedDictionary<string, double> SortedDictionary,
    ImmutableDictionary<string, bool> ImmutableDictionary,
    ImmutableSortedDictionary<string, Guid> ImmutableSortedDictionary);

/// <summary>An event whose members are nullable dictionaries with nullable values.</summary>
[Event("maps.noted")]
public sealed record MapsNoted(
    Dictionary<string, int?>? Dictionary,
    IDictionary<string, string?>? IDictionary,
    IReadOnlyDictionary<string, decimal?>? ReadOnlyDictionary,
    SortedDictionary<string, Point?>? SortedDictionary,
    ImmutableDictionary<string, Cell?>? ImmutableDictionary,
    ImmutableSortedDictionary<string, Guid?>? ImmutableSortedDictionary);

/// <summary>An event whose members are dictionaries with keys of primitive types.</summary>
[Event("keys.held")]
public sealed record KeysHeld(
    Dictionary<sbyte, int> Tiny,
    Dictionary<byte, int> Octet,
    Dictionary<short, int> Short,
    Dictionary<ushort, int> Word,
    Dictionary<int, int> Number,
    Dictionary<uint, int> Count,
    Dictionary<long, int> Long,
    Dictionary<ulong, int> Size,
    Dictionary<float, int> Single,
    Dictionary<double, int> Double,
    Dictionary<decimal, int> Amount,
    Dictionary<Guid, int> Id,
    Dictionary<DateTime, int> Time,
    Dictionary<DateTimeOffset, int> Instant,
    Dictionary<DateOnly, int> Day,
    Dictionary<TimeOnly, int> Clock,
    Dictionary<TimeSpan, int> Span);

/// <summary>An event whose members are dictionaries with keys of enums and wrapper types.</summary>
[Event("keys.named")]
public sealed record KeysNamed(
    Dictionary<Colour, int> Colour,
    Dictionary<Tone, int> Tone,
    Dictionary<Depth, int> Depth,
    Dictionary<Rights, int> Rights,
    Dictionary<Marks, int> Marks,
    Dictionary<CrateId, int> Crate,
    Dictionary<PlaceId, int> Place,
    SortedDictionary<RowId, int> Row,
    ImmutableDictionary<Weight, int> Weight,
    ImmutableSortedDictionary<Label, int> Label,
    IReadOnlyDictionary<LocalTime, int> Time,
    IDictionary<Instant, int> Instant,
    Dictionary<Ratio, int> Ratio,
    Dictionary<Share, int> Share,
    Dictionary<Birthday, int> Birthday,
    Dictionary<Delay, int> Delay,
    Dictionary<Slot, int> Slot,
    Dictionary<Ticket, int> Ticket);

/// <summary>An event whose members are collections of collections.</summary>
[Event("nested.held")]
public sealed record NestedHeld(
    int[][] Jagged, List<List<string?>> Lists, IReadOnlyList<IList<Point>[]> Mixed,
    Dictionary<string, Dictionary<int, List<decimal?>>> Maps,
    List<Dictionary<Colour, HashSet<string>>> Sets,
    ImmutableArray<ImmutableArray<double>> Immutable,
    List<int?[]?> Holes,
    Dictionary<string, IReadOnlyDictionary<string, Cell[]>?> Cells);
