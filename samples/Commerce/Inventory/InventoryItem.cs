using System.Diagnostics.CodeAnalysis;
using Commerce.Catalogue;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Inventory;

[Id<Guid>]
public readonly partial record struct InventoryItemId
{
    /// <summary>Returns the id of a product in a warehouse, which is derived from the two ids.</summary>
    public static InventoryItemId Of(ProductId product, WarehouseId warehouse) =>
        new(NameBasedId.Of("inventory-item", $"{product.Value:N}@{warehouse.Value:N}"));
}

/// <summary>The stock of one product in one warehouse. The available quantity (quantity minus reserved) is never
/// negative.</summary>
[Stream("inventory")]
public sealed partial class InventoryItem : Aggregate<InventoryItemId>
{
    /// <summary>The maximum number of pieces of a product in a warehouse.</summary>
    public const int MaxPieces = 1_000_000_000;

    private readonly Dictionary<OrderId, int> _reservations = [];

    public ProductId Product { get; private set; }

    public WarehouseId Warehouse { get; private set; }

    public int Quantity { get; private set; }

    public int Reserved { get; private set; }

    public int Available => Quantity - Reserved;

    public int ReservedFor(OrderId order) => _reservations.GetValueOrDefault(order);

    public void Add(ProductId product, WarehouseId warehouse, int quantity, string reason, DateTimeOffset at)
    {
        RequirePositive(quantity);
        Require(
            Id == InventoryItemId.Of(product, warehouse),
            "own-product",
            "This is the stock of another product or warehouse.");
        Require(
            quantity <= MaxPieces - Quantity,
            "stock-within-bounds",
            $"A warehouse holds at most {MaxPieces:N0} pieces of it.");
        Raise(new StockAdded(Id, product, warehouse, quantity, reason, at));
        Announce("added", quantity, at);
    }

    public void Remove(int quantity, string reason, DateTimeOffset at)
    {
        RequirePositive(quantity);
        RequireAvailable(Product, quantity);
        Raise(new StockRemoved(Id, quantity, reason, at));
        Announce("removed", -quantity, at);
    }

    /// <summary>Reserves pieces for an order.</summary>
    public void Reserve(
        OrderId order, ProductId product, int quantity, DateTimeOffset at, FulfilmentId? fulfilment = null)
    {
        RequirePositive(quantity);
        RequireAvailable(product, quantity);
        Raise(
            new InventoryReserved(
                Id, order, product, Warehouse, quantity, Available - quantity, Quantity, at, fulfilment));
        Announce("reserved", -quantity, at);
    }

    /// <summary>Releases pieces that were reserved for an order.</summary>
    public void Release(OrderId order, int quantity, DateTimeOffset at)
    {
        RequireReserved(order, quantity);
        Raise(new InventoryReleased(Id, order, Product, quantity, at));
        Announce("released", quantity, at);
    }

    /// <summary>Removes pieces that were reserved for an order: they leave the warehouse.</summary>
    public void Commit(OrderId order, int quantity, DateTimeOffset at)
    {
        RequireReserved(order, quantity);
        Raise(new InventoryCommitted(Id, order, Product, quantity, at));
        Announce("committed", -quantity, at);
    }

    protected override void CheckInvariants()
    {
        Require(Available >= 0, "available-not-negative", "The reserved quantity is more than the quantity in stock.");
        Require(Reserved >= 0, "reserved-not-negative", "More was released than was reserved.");
        Require(
            Reserved == _reservations.Values.Sum(),
            "reservations-add-up",
            "The reservations of the orders do not add up.");
    }

    private void RequirePositive(int quantity) =>
        Require(quantity > 0, "quantity-positive", "A quantity is more than zero.");

    private void RequireAvailable(ProductId product, int quantity)
    {
        if (quantity > Available)
            throw new InsufficientStockException(product, quantity, Available);
    }

    private void RequireReserved(OrderId order, int quantity)
    {
        RequirePositive(quantity);
        Require(
            quantity <= ReservedFor(order),
            "quantity-reserved",
            $"Only {ReservedFor(order)} are reserved for the order.");
    }

    [SuppressMessage(
        "Millrace",
        "MILL0220",
        Justification = "The event tells other parts of the shop the quantities after the previous event.")]
    private void Announce(string changeType, int amount, DateTimeOffset at) =>
        Raise(new ProductStockChanged(Product, Warehouse, Available, Quantity, Reserved, changeType, amount, at));

    private void When(StockAdded added) =>
        (Product, Warehouse, Quantity) = (added.Product, added.Warehouse, Quantity + added.Quantity);

    private void When(StockRemoved removed) => Quantity -= removed.Quantity;

    private void When(InventoryReserved reserved)
    {
        Reserved += reserved.Quantity;
        _reservations[reserved.Order] = ReservedFor(reserved.Order) + reserved.Quantity;
    }

    private void When(InventoryReleased released) => TakeFromReservation(released.Order, released.Quantity);

    private void When(InventoryCommitted committed)
    {
        TakeFromReservation(committed.Order, committed.Quantity);
        Quantity -= committed.Quantity;
    }

    private void TakeFromReservation(OrderId order, int quantity)
    {
        Reserved -= quantity;
        var remaining = ReservedFor(order) - quantity;
        if (remaining == 0)
            _reservations.Remove(order);
        else
            _reservations[order] = remaining;
    }
}

/// <summary>Thrown when a request exceeds the available stock of a warehouse.</summary>
public sealed class InsufficientStockException(ProductId product, int requested, int available)
    : InvariantViolatedException(
        nameof(InventoryItem),
        "sufficient-stock",
        $"{requested} of product '{product}' were asked for, but {available} are available.")
{
    public ProductId Product { get; } = product;

    public int Requested { get; } = requested;

    public int Available { get; } = available;
}
