using Commerce.Orders;
using Commerce.Payments;
using Commerce.SharedKernel;
using Commerce.Shipping;

namespace Commerce.Fulfilments;

/// <summary>The fulfilment steps for the order and its parcel.</summary>
public static class OrderStepHandlers
{
    public static async Task Handle(
        ValidateOrder command, CommandContext context, CancellationToken cancellationToken) =>
        (await context.OrderOf(command.Fulfilment, cancellationToken)).RequireIn(
            command.Fulfilment, OrderStatus.Submitted);

    /// <summary>
    /// An unpaid order can be checked out again. An order that was paid and undone, or that a person cancelled, is
    /// cancelled. An order that the shop cannot deliver fails.
    /// </summary>
    public static async Task Handle(
        GiveUpOrder command,
        FulfilmentLog log,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        if (order.Fulfilment != command.Fulfilment)
            return;
        var (reason, cancelledBy, isOfOrder) = await log.FindUndoReason(command.Fulfilment, cancellationToken);
        var payment = await context.LoadOrNew<Payment, PaymentId>(command.Fulfilment.Payment, cancellationToken);
        if (isOfOrder
            && order.Cancellation is { } requested
            && requested.Fulfilment == command.Fulfilment)
            order.Cancel(requested.Reason, requested.By, clock.Now);
        else if (cancelledBy is not null || order.Status != OrderStatus.Submitted)
            order.Cancel(reason, cancelledBy ?? Fulfilment.Name, clock.Now);
        else if (payment.Status == PaymentStatus.Failed)
            order.MarkPaymentFailed(payment.Error, clock.Now);
        else
            order.Fail(reason, clock.Now);
    }

    public static async Task Handle(
        CreateShipment command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        order.RequireIn(command.Fulfilment, OrderStatus.Processing);
        var shipment = await context.LoadOrNew<Shipment, ShipmentId>(
            ShipmentId.Of(command.Fulfilment), cancellationToken);
        shipment.Create(order.Id, order.Country, clock.Now);
    }

    public static async Task Handle(
        CancelShipment command,
        FulfilmentLog log,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var shipment = await context.LoadOrNew<Shipment, ShipmentId>(
            ShipmentId.Of(command.Fulfilment), cancellationToken);
        shipment.Cancel((await log.FindUndoReason(command.Fulfilment, cancellationToken)).Reason, clock.Now);
    }

    public static async Task Handle(
        ShipCheckedOutOrder command, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var order = await context.OrderOf(command.Fulfilment, cancellationToken);
        var shipment = await context.Load<Shipment, ShipmentId>(ShipmentId.Of(command.Fulfilment), cancellationToken);
        if (order.Status == OrderStatus.Processing)
            order.Ship(shipment.TrackingCode, clock.Now);
    }

    /// <summary>Loads the order of a fulfilment.</summary>
    internal static ValueTask<Order> OrderOf(
        this CommandContext context,
        FulfilmentId fulfilment,
        CancellationToken cancellationToken) => context.Load<Order, OrderId>(fulfilment.Order, cancellationToken);
}
