namespace Commerce.Statistics;

/// <summary>Gets the totals of all sales.</summary>
public sealed record GetTotals : IQuery<SalesTotals>;

/// <summary>Gets the sales by day or hour in the order of time; by country, product or customer the greatest first.
/// Null for any other dimension.</summary>
public sealed record GetSales(string By, int Limit = 100) : IQuery<IReadOnlyList<SalesFigures>?>;

/// <summary>Handles the queries about sales.</summary>
public static class SalesQueries
{
    private static readonly string[] RankedDimensions = [SalesBy.Country, SalesBy.Product, SalesBy.Customer];

    public static Task<SalesTotals> Handle(
        GetTotals query,
        Sales sales,
        QueryContext context,
        CancellationToken cancellationToken
    ) => sales.Totals(new ReadAfter(context.After, context.Wait), cancellationToken);

    public static async Task<IReadOnlyList<SalesFigures>?> Handle(
        GetSales query, Sales sales, QueryContext context, CancellationToken cancellationToken)
    {
        var (after, count) = (new ReadAfter(context.After, context.Wait), Math.Clamp(query.Limit, 1, 1_000));
        if (query.By is SalesBy.Day or SalesBy.Hour)
            return await sales.Last(query.By, count, after, cancellationToken);
        return RankedDimensions.Contains(query.By) ? await sales.Top(query.By, count, after, cancellationToken) : null;
    }
}
