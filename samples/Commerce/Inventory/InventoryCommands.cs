using Commerce.Catalogue;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>Adds stock of a product to a warehouse, by default the main one.</summary>
public sealed record AddStock(
    ProductId Product, int Quantity, string Reason = "delivery", WarehouseId? Warehouse = null) : ICommand<StockLevel>;

/// <summary>Removes stock without an order: damaged, lost or miscounted.</summary>
public sealed record RemoveStock(
    ProductId Product,
    int Quantity,
    string Reason = "written off",
    WarehouseId? Warehouse = null) : ICommand<StockLevel>;

public sealed record ReserveStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record ReleaseStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record CommitStock(InventoryItemId Item, OrderId Order, int Quantity) : ICommand<StockLevel>;

public sealed record OpenWarehouse(WarehouseId Warehouse, string Name, Location Location) : ICommand;

public sealed record ChangeWarehouseStatus(WarehouseId Warehouse, WarehouseStatus Status) : ICommand;

/// <summary>Gets the stock of a product in a warehouse.</summary>
public sealed record GetStock(InventoryItemId Item) : IQuery<StockView?>;

/// <summary>Lists the stock of a product or of a warehouse; the lowest quantity first.</summary>
public sealed record ListStock(
    ProductId? Product = null,
    WarehouseId? Warehouse = null,
    int Page = 1,
    int PageSize = Page.DefaultSize) : IQuery<StockPage>;

/// <summary>A page of stock and the total count.</summary>
public sealed record StockPage(IReadOnlyList<StockView> Items, int Page, int PageSize, long Total);

/// <summary>The quantities after a command.</summary>
public sealed record StockLevel(InventoryItemId Item, int Quantity, int Reserved, int Available);
