using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>Stock in one store with the orders: what changes is appended together with them or not at all.</summary>
public sealed class LocalStockService(StockLockScope turn, ShopClock clock) : IStockService
{
    public void RequireOneStore(Order order, string asked)
    {
        // It is one.
    }

    public async Task Reserve(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await turn.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            if (quantity - stock.ReservedFor(order.Id) is > 0 and var missing) // A person may have had it done again.
                stock.Reserve(order.Id, product, missing, clock.Now, fulfilment);
        }
    }

    public async Task Release(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await turn.Take(order.Stock(), cancellationToken);
        await OrderHandlers.Release(order, context, clock.Now, cancellationToken);
    }

    public async Task HandOut(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await turn.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
            (await context.StockOf(product, cancellationToken)).Commit(order.Id, quantity, clock.Now);
    }

    /// <summary>
    /// Stock leaves the shelves in the commit in which the order begins to be packed: by that it is known whether there
    /// is something to return. Not by where the order stands: when this fails and is tried again, the order has been
    /// given up meanwhile.
    /// </summary>
    public async Task PutBack(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        if (order.PackedIn != fulfilment)
            return;
        await turn.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            stock.Add(product, WarehouseId.Main, quantity, "order not fulfilled", clock.Now);
        }
    }

    public async Task<StockLevel> Add(
        StockDelivery delivery, string key, CommandContext context, CancellationToken cancellationToken)
    {
        await turn.Take([InventoryItemId.Of(delivery.Product, delivery.Warehouse)], cancellationToken);
        var stock = await context.StockOf(delivery.Product, cancellationToken, delivery.Warehouse);
        stock.Add(delivery.Product, delivery.Warehouse, delivery.Quantity, delivery.Reason, clock.Now);
        return stock.Level();
    }
}
