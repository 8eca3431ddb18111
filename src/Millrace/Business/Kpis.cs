using Millrace.Business;

namespace Millrace;

/// <summary>Reads the business figures that the model declares with <c>[Kpi]</c>. Thread-safe.</summary>
public sealed class Kpis
{
    /// <summary>The member that contains the members of an hour beyond the limit of the figure.</summary>
    public const string OtherMember = "(other)";

    /// <summary>The member of values that have no member in a dimension.</summary>
    public const string NoMember = "(none)";

    /// <summary>The maximum number of events that a point names.</summary>
    public const int MaxLargest = 5;

    /// <summary>The maximum number of points of a series.</summary>
    public const int MaxPoints = 100_000;

    /// <summary>The maximum number of earlier weeks for a comparison.</summary>
    public const int MaxWeeks = 52;

    private readonly KpiReader _reader;

    internal Kpis(IKpiSource source, TimeProvider time) => _reader = new KpiReader(source, time);

    /// <summary>
    /// Returns an object for the figures that an application has stored, for tools without the application's code.
    /// </summary>
    /// <param name="stores">The store, or the stores of all shards.</param>
    public static Kpis Of(params IReadOnlyList<EventStore> stores)
    {
        ArgumentNullException.ThrowIfNull(stores);
        ArgumentOutOfRangeException.ThrowIfZero(stores.Count);
        return new Kpis(new StoredKpiSource(stores), stores[0].Time);
    }

    /// <summary>Returns the figures, ordered by name.</summary>
    public Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken) => _reader.List(cancellationToken);

    /// <summary>Returns a token of all events that are stored in any shard; none if reads need no token.</summary>
    internal ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) =>
        _reader.GetToken(cancellationToken);

    /// <summary>Returns a figure over time: the whole, or one member of a dimension.</summary>
    /// <exception cref="KpiNotFoundException">There is no such figure or dimension.</exception>
    /// <exception cref="ArgumentException">The end is not after the start, a number is out of range, or only one of
    /// dimension and member is set.</exception>
    /// <exception cref="LimitExceededException">The series would have too many points.</exception>
    public Task<KpiSeries> Read(KpiQuery query, CancellationToken cancellationToken) =>
        _reader.Read(query, cancellationToken);

    /// <summary>
    /// Returns a figure over time for each member of a dimension, in the order of their absolute totals, largest first.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public Task<IReadOnlyList<KpiSeries>> ReadMembers(KpiQuery query, CancellationToken cancellationToken) =>
        _reader.ReadMembers(query, cancellationToken);

    /// <summary>Returns the same as <see cref="ReadMembers"/>; null if the series have too many points.</summary>
    internal async Task<IReadOnlyList<KpiSeries>?> TryReadMembers(KpiQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadMembers(query, cancellationToken).ConfigureAwait(false);
        }
        catch (LimitExceededException)
        {
            return null;
        }
    }
}
