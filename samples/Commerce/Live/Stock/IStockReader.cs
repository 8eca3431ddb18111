using Commerce.Catalogue;

namespace Commerce.Live.Stock;

/// <summary>Reads what is available of a product now, with the version that it is.</summary>
public interface IStockReader
{
    /// <summary>The stock of a product in all warehouses as it is at this moment, or later.</summary>
    Task<IReadOnlyList<StockChange>> Read(ProductId product, CancellationToken cancellationToken);
}
