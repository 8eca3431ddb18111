using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

[Event("inventory.stock-added")]
public sealed record StockAdded(
    InventoryItemId Item,
    ProductId Product,
    WarehouseId Warehouse,
    int Quantity,
    string Reason,
    DateTimeOffset OccurredAt);

[Event("inventory.stock-removed")]
public sealed record StockRemoved(InventoryItemId Item, int Quantity, string Reason, DateTimeOffset OccurredAt);

/// <summary>A quantity of an item was reserved for an order.</summary>
/// <param name="Fulfilment">The attempt to fulfil the order. Null for a manual reservation, and in events of versions
/// that did not record attempts.</param>
[Event("inventory.reserved")]
public sealed record InventoryReserved(
    InventoryItemId Item,
    OrderId Order,
    ProductId Product,
    WarehouseId Warehouse,
    int Quantity,
    int Remaining,
    int Total,
    DateTimeOffset OccurredAt,
    FulfilmentId? Fulfilment = null);

[Event("inventory.released")]
public sealed record InventoryReleased(
    InventoryItemId Item, OrderId Order, ProductId Product, int Quantity, DateTimeOffset OccurredAt);

[Event("inventory.committed")]
public sealed record InventoryCommitted(
    InventoryItemId Item, OrderId Order, ProductId Product, int Quantity, DateTimeOffset OccurredAt);

/// <summary>
/// The available quantity of a product in a warehouse changed. Code outside the inventory uses only this event.
/// </summary>
/// <param name="ChangeType">The cause: added, removed, reserved, released or committed.</param>
[Event("product.stock-changed")]
public sealed record ProductStockChanged(
    ProductId Product,
    WarehouseId Warehouse,
    int NewAvailable,
    int Quantity,
    int Reserved,
    string ChangeType,
    int ChangeAmount,
    DateTimeOffset OccurredAt);
