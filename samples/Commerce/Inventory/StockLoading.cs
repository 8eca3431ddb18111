using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>Finds the stock of products for handlers that change it together with something else.</summary>
public static class StockLoading
{
    /// <summary>
    /// The stock of a product in a warehouse, the main one unless another is named; without events if
    /// there never was any.
    /// </summary>
    public static ValueTask<InventoryItem> StockOf(
        this CommandContext context,
        ProductId product,
        CancellationToken cancellationToken,
        WarehouseId? warehouse = null) =>
        context.LoadOrNew<InventoryItem, InventoryItemId>(
            InventoryItemId.Of(product, warehouse ?? WarehouseId.Main), cancellationToken);

    /// <summary>The items that an order takes its goods from.</summary>
    public static IEnumerable<InventoryItemId> Stock(this Order order) =>
        order.Quantities().Select(wanted => InventoryItemId.Of(wanted.Product, WarehouseId.Main));

    /// <summary>How much there is of an item.</summary>
    public static StockLevel Level(this InventoryItem item) =>
        new(item.Id, item.Quantity, item.Reserved, item.Available);
}
