using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Live.Stock;
using Commerce.Services.Discovery;

namespace Commerce.Services;

/// <summary>Reads live stock from the inventory service, with the same versions as the published changes.</summary>
public sealed class RemoteStockReader(ServicePicker services, HttpClient http) : IStockReader
{
    public async Task<IReadOnlyList<StockChange>> Read(ProductId product, CancellationToken cancellationToken)
    {
        using var pick = await services.Pick(Registration.NameOf(ShopRole.Inventory), cancellationToken);
        var state = new Uri(pick.Instance.Url, $"/api/live/stock/{product}");
        return await http.GetFromJsonAsync<StockChange[]>(state, JsonSerializerOptions.Web, cancellationToken) ?? [];
    }
}
