using Commerce.Inventory;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>
/// The fulfilment steps for stock. A step changes the stock of all lines of an order or of none. After a conflict about
/// the last pieces, the losing command decides again with the current stock.
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
