namespace Millrace;

/// <summary>A value that an event adds to a business figure. Immutable.</summary>
public sealed record KpiValue
{
    private KpiValue(decimal amount, decimal? whole = null) => (Amount, Whole) = (amount, whole);

    /// <summary>Gets the value 1, for a <see cref="KpiKind.Count"/>.</summary>
    public static KpiValue One { get; } = new(1);

    /// <summary>Gets the value, which is the part for a ratio and the seconds for a duration.</summary>
    public decimal Amount { get; }

    /// <summary>Gets the whole of a ratio; null for other values.</summary>
    public decimal? Whole { get; }

    /// <summary>Gets the business time; null for the time at which the event was recorded.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>Gets the members of the dimensions.</summary>
    internal IReadOnlyDictionary<string, string?> Members { get; private init; } =
        System.Collections.Frozen.FrozenDictionary<string, string?>.Empty;

    /// <summary>
    /// Returns a value for a sum, a count or a mean. It may be negative, for example for a cancellation.
    /// </summary>
    public static KpiValue Of(decimal amount) => new(amount);

    /// <summary>Returns a value for a <see cref="KpiKind.Duration"/>. A negative duration counts as zero.</summary>
    public static KpiValue Of(TimeSpan duration) =>
        new(Math.Max(0, duration.Ticks) / (decimal)TimeSpan.TicksPerSecond);

    /// <summary>Returns a value for a <see cref="KpiKind.Ratio"/>, such as 98 of 100 requests.</summary>
    public static KpiValue Ratio(decimal part, decimal whole) => new(part, whole);

    /// <summary>Returns a value for a <see cref="KpiKind.Ratio"/>: 1 of 1 for a success, or 0 of 1.</summary>
    public static KpiValue Success(bool isSuccess) => new(isSuccess ? 1 : 0, 1);

    /// <summary>Returns the same value with a business time.</summary>
    public KpiValue At(DateTimeOffset time) => this with { Time = time };

    /// <summary>
    /// Returns the same value with its member of a dimension, such as a country. Members are stored unencrypted, so
    /// they must not be personal data. A member of more than 200 characters is shortened.
    /// </summary>
    /// <param name="dimension">A dimension of the figure.</param>
    /// <param name="member">The member; null or empty for <see cref="Kpis.NoMember"/>.</param>
    public KpiValue By(string dimension, string? member)
    {
        ArgumentException.ThrowIfNullOrEmpty(dimension);
        return this with
        {
            Members = new Dictionary<string, string?>(Members, StringComparer.Ordinal) { [dimension] = member },
        };
    }
}
