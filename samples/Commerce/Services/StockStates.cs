using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Live.Stock;

namespace Commerce.Services;

/// <summary>Serves the state of live stock, with its versions, to other services.</summary>
public static class StockStates
{
    public static void MapStockStates(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet(
                "/api/live/stock/{product}",
                async (ProductId product, IStockReader reader, CancellationToken cancellationToken) =>
                    Results.Json(await reader.Read(product, cancellationToken), JsonSerializerOptions.Web))
            .ExcludeFromDescription();
}
