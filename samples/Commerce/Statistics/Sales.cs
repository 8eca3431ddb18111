using Millrace.Storage;

namespace Commerce.Statistics;

/// <summary>Reads the statistics, from the read models and nowhere else.</summary>
public sealed class Sales(IReadModel<string, SalesTotals> totals, IReadModel<string, SalesFigures> figures)
{
    public async Task<SalesTotals> Totals(ReadAfter after, CancellationToken cancellationToken) =>
        (await totals.Get(SalesTotals.Key, after, cancellationToken)).Value ?? SalesTotals.None;

    /// <summary>How many days, countries, articles or customers there are.</summary>
    public async Task<long> Count(string by, ReadAfter after, CancellationToken cancellationToken) =>
        (await figures.Count(Of(by), after, cancellationToken)).Value;

    /// <summary>Those with the greatest value.</summary>
    public async Task<IReadOnlyList<SalesFigures>> Top(
        string by, int count, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Conditions = Of(by), OrderBy = "value", IsDescending = true, Limit = count };
        return (await figures.Query(query, after, cancellationToken)).Items;
    }

    /// <summary>The last of them in the order of their keys, which for days and hours is that
    /// of time; oldest first.</summary>
    public async Task<IReadOnlyList<SalesFigures>> Last(
        string by, int count, ReadAfter after, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Conditions = Of(by), OrderBy = "key", IsDescending = true, Limit = count };
        return [.. (await figures.Query(query, after, cancellationToken)).Items.Reverse()];
    }

    private static FieldCondition[] Of(string by) => [new("by", Comparison.Equal, by)];
}
