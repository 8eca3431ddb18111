using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>Answers what services of orders ask of the one that keeps the stock.</summary>
public static class AllocationHandlers
{
    public static async Task Handle(
        Allocate command,
        [OrNew] Allocation allocation,
        StockLockScope turn,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.Make(command.Order, command.Lines, clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, turn, context, cancellationToken))
            stock.Reserve(command.Order, line.Product, line.Quantity, clock.Now, command.Fulfilment);
    }

    public static async Task Handle(
        ReleaseAllocation command,
        [OrNew] Allocation allocation,
        StockLockScope turn,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.Release(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, turn, context, cancellationToken))
            stock.Release(allocation.Order, line.Quantity, clock.Now);
    }

    public static async Task Handle(
        HandOutAllocation command,
        Allocation allocation,
        StockLockScope turn,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.HandOut(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, turn, context, cancellationToken))
            stock.Commit(allocation.Order, line.Quantity, clock.Now);
    }

    public static async Task Handle(
        TakeBackAllocation command,
        [OrNew] Allocation allocation,
        StockLockScope turn,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        if (!allocation.TakeBack(clock.Now))
            return;
        foreach (var (line, stock) in await Load(allocation, turn, context, cancellationToken))
            stock.Add(line.Product, WarehouseId.Main, line.Quantity, "order not fulfilled", clock.Now);
    }

    public static Task<StockLevel> Handle(
        TakeIn command, LocalStockService stock, CommandContext context, CancellationToken cancellationToken) =>
        stock.Add(
            new StockDelivery(command.Product, command.Quantity, command.Reason, command.Warehouse),
            context.CommandId.ToString(),
            context,
            cancellationToken);

    /// <summary>The stock of each line, once it is this command's turn at all of them.</summary>
    private static async Task<List<(AllocatedLine Line, InventoryItem Stock)>> Load(
        Allocation allocation, StockLockScope turn, CommandContext context, CancellationToken cancellationToken)
    {
        await turn.Take(
            allocation.Lines.Select(line => InventoryItemId.Of(line.Product, WarehouseId.Main)), cancellationToken);
        var loaded = new List<(AllocatedLine, InventoryItem)>(allocation.Lines.Count);
        foreach (var line in allocation.Lines)
            loaded.Add((line, await context.StockOf(line.Product, cancellationToken)));
        return loaded;
    }
}
