using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>Handles the requests of the order service to the inventory service.</summary>
public static class AllocationHandlers
{
    public static async Task Handle(
        Allocate command,
        [OrNew] Allocation allocation,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.Make(command.Order, command.Lines, clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, locks, context, cancellationToken))
            stock.Reserve(command.Order, line.Product, line.Quantity, clock.Now, command.Fulfilment);
    }

    public static async Task Handle(
        ReleaseAllocation command,
        [OrNew] Allocation allocation,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.Release(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, locks, context, cancellationToken))
            stock.Release(allocation.Order, line.Quantity, clock.Now);
    }

    public static async Task Handle(
        HandOutAllocation command,
        Allocation allocation,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.HandOut(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, locks, context, cancellationToken))
            stock.Commit(allocation.Order, line.Quantity, clock.Now);
    }

    public static async Task Handle(
        TakeBackAllocation command,
        [OrNew] Allocation allocation,
        StockLockScope locks,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.TakeBack(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, locks, context, cancellationToken))
            stock.Add(line.Product, WarehouseId.Main, line.Quantity, "order not fulfilled", clock.Now);
    }

    public static Task<StockLevel> Handle(
        TakeIn command, LocalStockService stock, CommandContext context, CancellationToken cancellationToken) =>
        stock.Add(
            new StockDelivery(command.Product, command.Quantity, command.Reason, command.Warehouse),
            context.CommandId.ToString(),
            context,
            cancellationToken);

    /// <summary>Acquires the locks for all lines, then loads the stock of each line.</summary>
    private static async Task<List<(AllocatedLine Line, InventoryItem Stock)>> Load(
        Allocation allocation, StockLockScope locks, CommandContext context, CancellationToken cancellationToken)
    {
        await locks.Take(
            allocation.Lines.Select(line => InventoryItemId.Of(line.Product, WarehouseId.Main)), cancellationToken);
        var loaded = new List<(AllocatedLine, InventoryItem)>(allocation.Lines.Count);
        foreach (var line in allocation.Lines)
            loaded.Add((line, await context.StockOf(line.Product, cancellationToken)));
        return loaded;
    }
}
