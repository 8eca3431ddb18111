using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>Finds the stock of products for handlers that change it together with something else.</summary>
public static class StockLoading
{
    /// <summary>
    /// The stock of a product in a warehouse, the main one unless another is named; without events if there never was any.
    /// </summary>
    public static ValueTask<InventoryItem> StockOf(
        this CommandContext context, ProductId product, CancellationToken cancellationToken, WarehouseId? warehouse = null) =>
        context.LoadOrNew<InventoryItem, InventoryItemId>(InventoryItemId.Of(product, warehouse ?? WarehouseId.Main), cancellationToken);
}
