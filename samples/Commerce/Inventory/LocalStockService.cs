using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Inventory;

/// <summary>Manages stock in the same store as the orders, so that both change in one commit.</summary>
public sealed class LocalStockService(StockLockScope locks, ShopClock clock) : IStockService
{
    public void RequireOneStore(Order order, string action)
    {
        // The order and its stock are in the same store.
    }

    public async Task Reserve(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await locks.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            // An operator may have run the step again.
            if (quantity - stock.ReservedFor(order.Id) is > 0 and var missing)
                stock.Reserve(order.Id, product, missing, clock.Now, fulfilment);
        }
    }

    public async Task Release(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await locks.Take(order.Stock(), cancellationToken);
        await OrderHandlers.Release(order, context, clock.Now, cancellationToken);
    }

    public async Task HandOut(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        await locks.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
            (await context.StockOf(product, cancellationToken)).Commit(order.Id, quantity, clock.Now);
    }

    /// <summary>
    /// Returns stock only if this fulfilment packed the order: stock leaves the warehouse in the commit that starts the
    /// packing. The order's current status does not show that. When this step fails and is retried, the order may
    /// already be cancelled.
    /// </summary>
    public async Task PutBack(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        if (order.PackedIn != fulfilment)
            return;
        await locks.Take(order.Stock(), cancellationToken);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            stock.Add(product, WarehouseId.Main, quantity, "order not fulfilled", clock.Now);
        }
    }

    public async Task<StockLevel> Add(
        StockDelivery delivery, string key, CommandContext context, CancellationToken cancellationToken)
    {
        await locks.Take([InventoryItemId.Of(delivery.Product, delivery.Warehouse)], cancellationToken);
        var stock = await context.StockOf(delivery.Product, cancellationToken, delivery.Warehouse);
        stock.Add(delivery.Product, delivery.Warehouse, delivery.Quantity, delivery.Reason, clock.Now);
        return stock.Level();
    }
}
