using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>Sets stock aside for one try to fulfil an order: all lines, or none.</summary>
public sealed record Allocate(FulfilmentId Fulfilment, OrderId Order, IReadOnlyList<AllocatedLine> Lines) : ICommand;

/// <summary>Calls an allocation off: what was set aside is for everybody again, and what is asked
/// for later is refused.</summary>
public sealed record ReleaseAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Hands out what was set aside: it leaves the shelves.</summary>
public sealed record HandOutAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Puts back on the shelves what was handed out; where nothing was there is nothing to do.</summary>
public sealed record TakeBackAllocation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Takes pieces in that another service answers for.</summary>
public sealed record TakeIn(ProductId Product, int Quantity, string Reason, WarehouseId Warehouse)
    : ICommand<StockLevel>;
