using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>Brings stock of a product into a warehouse.</summary>
public sealed record AddStock(ProductId Product, WarehouseId Warehouse, int Quantity, string Reason) : ICommand<StockLevel>;

/// <summary>Takes stock out of a warehouse that no order asked for: damaged, lost, miscounted.</summary>
public sealed record RemoveStock(ProductId Product, WarehouseId Warehouse, int Quantity, string Reason) : ICommand<StockLevel>;

public sealed record ReserveStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record ReleaseStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record CommitStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record OpenWarehouse(WarehouseId Warehouse, string Name, Location Location) : ICommand;

public sealed record ChangeWarehouseStatus(WarehouseId Warehouse, WarehouseStatus Status) : ICommand;

/// <summary>How much there is after a command.</summary>
public sealed record StockLevel(InventoryItemId Item, int Quantity, int Reserved, int Available);
