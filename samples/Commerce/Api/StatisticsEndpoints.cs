using Commerce.Statistics;

namespace Commerce.Api;

/// <summary><c>/api/statistics</c>.</summary>
public static class StatisticsEndpoints
{
    private static readonly string[] Dimensions = [SalesBy.Day, SalesBy.Hour, SalesBy.Country, SalesBy.Product, SalesBy.Customer];

    public static void MapStatistics(this IEndpointRouteBuilder routes)
    {
        var statistics = routes.MapGroup("/api/statistics").WithTags("Statistics");
        statistics.MapGet("", Totals).WithSummary("Everything together.");
        statistics.MapGet("/{by}", By)
            .WithSummary("By day or hour in the order of time; by country, product or customer the greatest first.");
    }

    private static async Task<IResult> Totals(Sales sales, AfterToken after, CancellationToken cancellationToken) =>
        TypedResults.Ok(await sales.Totals(after, cancellationToken));

    private static async Task<IResult> By(string by, int? limit, Sales sales, AfterToken after, CancellationToken cancellationToken)
    {
        if (!Dimensions.Contains(by, StringComparer.Ordinal))
            return Problems.NotFound("statistic", by);
        var count = Math.Clamp(limit ?? 100, 1, 1_000);
        return TypedResults.Ok(by is SalesBy.Day or SalesBy.Hour
            ? await sales.Last(by, count, after, cancellationToken)
            : await sales.Top(by, count, after, cancellationToken));
    }
}
