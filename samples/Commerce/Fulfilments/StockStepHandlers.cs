using Commerce.Inventory;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>
/// The steps of a fulfilment that are about stock: all lines of an order in one commit. Who loses a race for the last pieces decides again
/// on what is left.
/// </summary>
public static class StockStepHandlers
{
    public static async Task Handle(
        ReserveOrderStock command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Submitted);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            if (quantity - stock.ReservedFor(order.Id) is > 0 and var missing) // A person may have had it done again.
                stock.Reserve(order.Id, product, missing, clock.Now);
        }
    }

    public static async Task Handle(
        ReleaseOrderStock command, CommandContext context, ShopClock clock, CancellationToken cancellationToken) =>
        await OrderHandlers.Release(
            await context.OrderOf(command.Fulfilment, cancellationToken), context, clock.Now, cancellationToken);

    public static async Task Handle(
        CommitOrderStock command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Paid);
        order.StartProcessing(clock.Now);
        foreach (var (product, quantity) in order.Quantities())
            (await context.StockOf(product, cancellationToken)).Commit(order.Id, quantity, clock.Now);
    }

    /// <summary>
    /// Stock leaves the shelves in the commit in which the order begins to be packed: by that it is known whether there is something to
    /// return. Not by where the order stands: when this fails and is tried again, the order has been given up meanwhile.
    /// </summary>
    public static async Task Handle(
        ReturnOrderStock command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        if (order.PackedIn != command.Fulfilment)
            return;
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            stock.Add(product, WarehouseId.Main, quantity, "order not fulfilled", clock.Now);
        }
    }
}
