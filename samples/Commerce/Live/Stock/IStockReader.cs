using Commerce.Catalogue;

namespace Commerce.Live.Stock;

/// <summary>Reads the available stock of a product with its versions.</summary>
public interface IStockReader
{
    /// <summary>Reads the stock of a product in all warehouses, at least as current as the time of the call.</summary>
    Task<IReadOnlyList<StockChange>> Read(ProductId product, CancellationToken cancellationToken);
}
