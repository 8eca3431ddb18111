using Commerce.Catalogue;
using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>
/// Answers every command about stock. Many may reach for the same item at once: the loser of a race is handled again on what is left.
/// </summary>
public static class InventoryHandlers
{
    /// <summary>Three attempts in all, 50 to 199 milliseconds apart.</summary>
    public static ConflictRetry Retry { get; } = new(MaxRetries: 2, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(199));

    public static async Task<StockLevel> Handle(
        AddStock command, Product product, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var id = InventoryItemId.Of(product.Id, command.Warehouse);
        var item = await context.LoadOrNew<InventoryItem, InventoryItemId>(id, cancellationToken);
        item.Add(command.Product, command.Warehouse, command.Quantity, command.Reason, clock.Now);
        return LevelOf(item);
    }

    public static async Task<StockLevel> Handle(
        RemoveStock command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var id = InventoryItemId.Of(command.Product, command.Warehouse);
        var item = await context.Load<InventoryItem, InventoryItemId>(id, cancellationToken);
        item.Remove(command.Quantity, command.Reason, clock.Now);
        return LevelOf(item);
    }

    public static StockLevel Handle(ReserveStock command, InventoryItem item, ShopClock clock)
    {
        item.Reserve(command.Order, item.Product, command.Quantity, clock.Now);
        return LevelOf(item);
    }

    public static StockLevel Handle(ReleaseStock command, InventoryItem item, ShopClock clock)
    {
        item.Release(command.Order, command.Quantity, clock.Now);
        return LevelOf(item);
    }

    public static StockLevel Handle(CommitStock command, InventoryItem item, ShopClock clock)
    {
        item.Commit(command.Order, command.Quantity, clock.Now);
        return LevelOf(item);
    }

    public static void Handle(OpenWarehouse command, [New] Warehouse warehouse, ShopClock clock) =>
        warehouse.Open(command.Name, command.Location, clock.Now);

    public static void Handle(ChangeWarehouseStatus command, Warehouse warehouse, ShopClock clock) =>
        warehouse.ChangeStatus(command.Status, clock.Now);

    private static StockLevel LevelOf(InventoryItem item) => new(item.Id, item.Quantity, item.Reserved, item.Available);
}
