using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>The stock of a product in a warehouse.</summary>
public sealed record StockView(
    InventoryItemId Id,
    [property: Indexed] ProductId Product,
    [property: Indexed] WarehouseId Warehouse,
    int Quantity,
    int Reserved,
    [property: Indexed] int Available,
    DateTimeOffset Updated);

[Projection("stock")]
public sealed partial class StockProjection : Projection<InventoryItemId, StockView>
{
    public static InventoryItemId Key(ProductStockChanged changed) =>
        InventoryItemId.Of(changed.Product, changed.Warehouse);

    public static StockView Apply(StockView? view, ProductStockChanged changed) =>
        new(
            Key(changed),
            changed.Product,
            changed.Warehouse,
            changed.Quantity,
            changed.Reserved,
            changed.NewAvailable,
            changed.OccurredAt);
}
