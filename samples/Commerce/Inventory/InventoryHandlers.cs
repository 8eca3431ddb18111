using Commerce.Catalogue;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Inventory;

/// <summary>
/// Handles all commands about stock. Commands for the same item may conflict. The losing command is handled again with
/// the current stock.
/// </summary>
public static class InventoryHandlers
{
    /// <summary>Three attempts in all, 50 to 199 milliseconds apart.</summary>
    public static ConflictRetry Retry { get; } =
        new(MaxRetries: 2, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(199));

    public static void Validate(AddStock command, ValidationProblems problems) =>
        problems.RequireShort(command.Reason, TextLimits.Remark, "reason");

    public static void Validate(RemoveStock command, ValidationProblems problems) =>
        problems.RequireShort(command.Reason, TextLimits.Remark, "reason");

    public static Task<StockLevel> Handle(
        AddStock command,
        Product product,
        IStockService stock,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        var delivery = new StockDelivery(
            product.Id, command.Quantity, command.Reason, command.Warehouse ?? WarehouseId.Main);
        return stock.Add(delivery, context.CommandId.ToString(), context, cancellationToken);
    }

    public static Task<StockLevel> Handle(
        RemoveStock command,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var id = InventoryItemId.Of(command.Product, command.Warehouse ?? WarehouseId.Main);
        return Change(
            id, item => item.Remove(command.Quantity, command.Reason, clock.Now), locks, context, cancellationToken);
    }

    public static Task<StockLevel> Handle(
        ReserveStock command,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken) =>
        Change(
            command.Item,
            item => item.Reserve(command.Order, item.Product, command.Quantity, clock.Now),
            locks,
            context,
            cancellationToken);

    public static Task<StockLevel> Handle(
        ReleaseStock command,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken) =>
        Change(
            command.Item,
            item => item.Release(command.Order, command.Quantity, clock.Now),
            locks,
            context,
            cancellationToken);

    public static Task<StockLevel> Handle(
        CommitStock command,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken) =>
        Change(
            command.Item,
            item => item.Commit(command.Order, command.Quantity, clock.Now),
            locks,
            context,
            cancellationToken);

    public static async Task<StockView?> Handle(
        GetStock query,
        IReadModel<InventoryItemId, StockView> stock,
        QueryContext context,
        CancellationToken cancellationToken) => await stock.Get(query.Item, context, cancellationToken);

    public static async Task<StockPage> Handle(
        ListStock query,
        IReadModel<InventoryItemId, StockView> stock,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        Page.Require(query.Page, query.PageSize);
        var conditions = new List<FieldCondition>();
        if (query.Product is { } product)
            conditions.Add(new("product", Comparison.Equal, product.ToString()));
        if (query.Warehouse is { } warehouse)
            conditions.Add(new("warehouse", Comparison.Equal, warehouse.ToString()));
        var lowestFirst = new ReadQuery
        {
            OrderBy = "available",
            Skip = Page.Skip(query.Page, query.PageSize),
            Limit = query.PageSize,
        };
        var page = await stock.Query(lowestFirst with { Conditions = conditions }, context, cancellationToken);
        return new StockPage(
            page.Items, query.Page, query.PageSize, await stock.Count(conditions, context, cancellationToken));
    }

    /// <summary>Acquires the item's lock, loads the item and changes it.</summary>
    private static async Task<StockLevel> Change(
        InventoryItemId id,
        Action<InventoryItem> change,
        StockLockScope locks,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        await locks.Take([id], cancellationToken);
        var item = await context.Load<InventoryItem, InventoryItemId>(id, cancellationToken);
        change(item);
        return item.Level();
    }
}
