using System.Diagnostics.CodeAnalysis;

namespace Commerce.Choreography.Inventory;

/// <summary>The stock of a product.</summary>
[Stream("stock")]
public sealed partial class StockItem : Aggregate<ProductId>
{
    private readonly Dictionary<OrderId, int> _reserved = [];
    private int _quantity;
    private int _changes;

    public int Available => _quantity - _reserved.Values.Sum();

    public void Add(int quantity)
    {
        Require(quantity > 0, "quantity-positive", "A quantity must be greater than zero.");
        Raise(new StockAdded(Id, quantity));
        Announce("added", quantity);
    }

    public void Reserve(OrderId order, int quantity)
    {
        Require(quantity <= Available, "sufficient-stock", $"Only {Available} of {Id} are left.");
        Raise(new InventoryReserved(order, Id, quantity, Available - quantity, _quantity));
        Announce("reserved", -quantity);
    }

    /// <summary>Releases the stock that is reserved for an order.</summary>
    public void Release(OrderId order)
    {
        if (_reserved.TryGetValue(order, out var quantity))
        {
            Raise(new InventoryReleased(order, Id, quantity));
            Announce("released", quantity);
        }
    }

    /// <summary>Removes the stock that is reserved for an order.</summary>
    public void Commit(OrderId order)
    {
        if (_reserved.TryGetValue(order, out var quantity))
        {
            Raise(new InventoryCommitted(order, Id, quantity));
            Announce("committed", -quantity);
        }
    }

    protected override void CheckInvariants() =>
        Require(Available >= 0, "available-not-negative", "The reserved quantity is more than the quantity in stock.");

    [SuppressMessage(
        "Millrace",
        "MILL0220",
        Justification = "The event reports to other services how the previous event changed the state.")]
    private void Announce(string changeType, int amount) =>
        Raise(new ProductStockChanged(Id, Available, changeType, amount, _changes + 1));

    private void When(StockAdded added) => _quantity += added.Quantity;

    private void When(InventoryReserved reserved) => _reserved.Add(reserved.Order, reserved.Quantity);

    private void When(InventoryReleased released) => _reserved.Remove(released.Order);

    private void When(InventoryCommitted committed)
    {
        _reserved.Remove(committed.Order);
        _quantity -= committed.Quantity;
    }

    private void When(ProductStockChanged changed) => _changes = changed.Change;
}
