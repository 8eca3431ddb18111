using Millrace.Storage;

namespace Commerce.Statistics;

/// <summary>Reads the statistics from the read models.</summary>
public sealed class Sales(IReadModel<string, SalesTotals> totals, IReadModel<string, SalesFigures> figures)
{
    public async Task<SalesTotals> Totals(ReadAfter after, CancellationToken cancellationToken) =>
        (await totals.Get(SalesTotals.Key, after, cancellationToken)).Value ?? SalesTotals.None;

    /// <summary>Returns the number of days, countries, articles or customers.</summary>
    public async Task<long> Count(string by, ReadAfter after, CancellationToken cancellationToken) =>
        (await figures.Count(Of(by), after, cancellationToken)).Value;

    /// <summary>Returns the figures with the greatest value.</summary>
    public async Task<IReadOnlyList<SalesFigures>> Top(
        string by, int count, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Conditions = Of(by), OrderBy = "value", IsDescending = true, Limit = count };
        return (await figures.Query(query, after, cancellationToken)).Items;
    }

    /// <summary>Returns the last figures by key, which for days and hours is the order of time; oldest first.</summary>
    public async Task<IReadOnlyList<SalesFigures>> Last(
        string by, int count, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Conditions = Of(by), OrderBy = "key", IsDescending = true, Limit = count };
        return [.. (await figures.Query(query, after, cancellationToken)).Items.Reverse()];
    }

    private static FieldCondition[] Of(string by) => [new("by", Comparison.Equal, by)];
}
