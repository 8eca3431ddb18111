namespace Commerce.Choreography.Inventory;

[Event("inventory.stock-added")]
public sealed record StockAdded(ProductId Product, int Quantity);

[Event("inventory.reserved")]
public sealed record InventoryReserved(OrderId Order, ProductId Product, int Quantity, int Remaining, int Total);

[Event("inventory.released")]
public sealed record InventoryReleased(OrderId Order, ProductId Product, int Quantity);

[Event("inventory.committed")]
public sealed record InventoryCommitted(OrderId Order, ProductId Product, int Quantity);

/// <summary>Published when the available quantity of a product changes.</summary>
/// <param name="Change">The number of the change of the product's stock, from 1.</param>
[Event("product.stock-changed")]
public sealed record ProductStockChanged(
    ProductId Product, int NewAvailable, string ChangeType, int ChangeAmount, int Change);

[Event("reservation.made")]
public sealed record ReservationMade(OrderId Order, IReadOnlyList<OrderLine> Lines);

[Event("inventory.reservation-failed")]
public sealed record InventoryReservationFailed(OrderId Order, string Reason);

[Event("reservation.released")]
public sealed record ReservationReleased(OrderId Order);

[Event("reservation.committed")]
public sealed record ReservationCommitted(OrderId Order);
