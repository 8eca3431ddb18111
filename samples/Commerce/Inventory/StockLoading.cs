using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>Loads stock for handlers that change it together with other aggregates.</summary>
public static class StockLoading
{
    /// <summary>
    /// Loads the stock of a product in a warehouse, by default the main warehouse. The item has no events if it does
    /// not exist.
    /// </summary>
    public static ValueTask<InventoryItem> StockOf(
        this CommandContext context,
        ProductId product,
        CancellationToken cancellationToken,
        WarehouseId? warehouse = null) =>
        context.LoadOrNew<InventoryItem, InventoryItemId>(
            InventoryItemId.Of(product, warehouse ?? WarehouseId.Main), cancellationToken);

    /// <summary>Returns the items that an order takes its goods from.</summary>
    public static IEnumerable<InventoryItemId> Stock(this Order order) =>
        order.Quantities().Select(line => InventoryItemId.Of(line.Product, WarehouseId.Main));

    /// <summary>Returns the quantities of an item.</summary>
    public static StockLevel Level(this InventoryItem item) =>
        new(item.Id, item.Quantity, item.Reserved, item.Available);
}
