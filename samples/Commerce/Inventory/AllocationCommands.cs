using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>Sets stock aside for one attempt to fulfil an order: all lines, or none.</summary>
public sealed record Allocate(FulfilmentId Fulfilment, OrderId Order, IReadOnlyList<AllocatedLine> Lines) : ICommand;

/// <summary>Cancels an allocation: its stock becomes available to other orders, and later requests for it are
/// refused.</summary>
public sealed record ReleaseAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Hands out the stock that was set aside: it leaves the warehouse.</summary>
public sealed record HandOutAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Returns handed-out stock to the warehouse. Does nothing when no stock was handed out.</summary>
public sealed record TakeBackAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Adds pieces on behalf of another service.</summary>
public sealed record TakeIn(ProductId Product, int Quantity, string Reason, WarehouseId Warehouse)
    : ICommand<StockLevel>;
