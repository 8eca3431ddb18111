using System.Globalization;

namespace Millrace.Business;

/// <summary>
/// A business figure in an hour: the whole, or the members of one dimension. It is the document of the figure's
/// projection. Immutable.
/// </summary>
internal sealed record KpiBucket : ICombinable<KpiBucket>
{
    /// <summary>The start of the names of the projections of business figures.</summary>
    public const string ProjectionPrefix = "kpi-";

    private const string HourFormat = "yyyy-MM-dd'T'HH'Z'";
    private const int HourLength = 14; // 2011-12-05T10Z

    /// <summary>Gets the start of the hour, in UTC.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Gets the kind of the figure.</summary>
    public required KpiKind Kind { get; init; }

    /// <summary>Gets the unit; null if there is none.</summary>
    public string? Unit { get; init; }

    /// <summary>Gets the dimension; null for the whole figure.</summary>
    public string? Dimension { get; init; }

    /// <summary>Gets the dimensions of the figure; null except for the whole figure.</summary>
    public IReadOnlyList<string>? Dimensions { get; init; }

    /// <summary>Gets the whole figure; null for a dimension.</summary>
    public KpiCell? Total { get; init; }

    /// <summary>Gets the members of the dimension, ordered by name; null for the whole figure.</summary>
    public IReadOnlyDictionary<string, KpiCell>? Members { get; init; }

    /// <summary>Returns the key of a bucket.</summary>
    /// <param name="hour">The start of the hour, in UTC.</param>
    /// <param name="dimension">The dimension; null for the whole figure.</param>
    public static string KeyOf(DateTimeOffset hour, string? dimension)
    {
        var text = hour.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture);
        return dimension is null ? text : $"{text}-{dimension}";
    }

    /// <summary>Returns whether a valid key is that of a bucket of a dimension.</summary>
    public static bool IsOf(string key, string dimension) =>
        key.Length == HourLength + 1 + dimension.Length
        && key[HourLength] == '-'
        && key.EndsWith(dimension, StringComparison.Ordinal);

    /// <summary>Returns the hour in a key; null if the key is not valid.</summary>
    public static DateTimeOffset? HourIn(string key) =>
        key.Length >= HourLength
        && DateTimeOffset.TryParseExact(
            key.AsSpan(0, HourLength),
            HourFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var hour)
            ? hour
            : null;

    /// <summary>Returns the start of the hour of a time, in UTC.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) =>
        new(time.UtcTicks - time.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

    /// <summary>Returns the start of the first hour that starts at or after a time, in UTC.</summary>
    public static DateTimeOffset HourFrom(DateTimeOffset time) => HourOf(time.AddTicks(TimeSpan.TicksPerHour - 1));

    /// <summary>Returns a bucket that contains the events of both buckets.</summary>
    public KpiBucket CombineWith(KpiBucket other) => this with
    {
        Total = Total is null || other.Total is null ? Total ?? other.Total : Total.Add(other.Total),
        Members = Members is null || other.Members is null ? Members ?? other.Members : Combine(Members, other.Members),
    };

    private static SortedDictionary<string, KpiCell> Combine(
        IReadOnlyDictionary<string, KpiCell> one, IReadOnlyDictionary<string, KpiCell> other)
    {
        var all = new SortedDictionary<string, KpiCell>(StringComparer.Ordinal);
        foreach (var (name, cell) in one.Concat(other))
            all[name] = all.TryGetValue(name, out var existing) ? existing.Add(cell) : cell;
        return all;
    }
}
