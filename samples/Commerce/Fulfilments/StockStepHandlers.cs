using Commerce.Inventory;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>
/// The steps of a fulfilment that are about stock: all lines of an order, or none. Who loses a race for the last pieces
/// decides again on what is left.
/// </summary>
public static class StockStepHandlers
{
    public static async Task Handle(
        ReserveOrderStock command, IStockService stock, CommandContext context, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Submitted);
        await stock.Reserve(command.Fulfilment, order, context, cancellationToken);
    }

    public static async Task Handle(
        ReleaseOrderStock command, IStockService stock, CommandContext context, CancellationToken cancellationToken) =>
        await stock.Release(
            command.Fulfilment,
            await context.OrderOf(command.Fulfilment, cancellationToken),
            context,
            cancellationToken);

    public static async Task Handle(
        CommitOrderStock command,
        IStockService stock,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Paid);
        order.StartProcessing(clock.Now);
        await stock.HandOut(command.Fulfilment, order, context, cancellationToken);
    }

    public static async Task Handle(
        ReturnOrderStock command, IStockService stock, CommandContext context, CancellationToken cancellationToken) =>
        await stock.PutBack(
            command.Fulfilment,
            await context.OrderOf(command.Fulfilment, cancellationToken),
            context,
            cancellationToken);
}
