using Commerce.Catalogue;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>The orders of this shop and of older books.</summary>
/// <remarks>Version 2 encrypts names, version 3 also reasons.</remarks>
[Projection("orders", Version = 3)]
public sealed partial class OrderProjection : Projection<OrderId, OrderView>
{
    public static OrderId Key(OrderCreated created) => created.Order;

    public static OrderView Apply(OrderView? view, OrderCreated created) => new(
        created.Order,
        created.Number,
        SaleKind.Sale,
        created.Customer,
        created.Buyer,
        created.Address?.Country ?? Erased.Text,
        OrderStatus.Draft,
        [],
        0,
        0,
        Money.Pounds,
        null,
        null,
        false,
        created.OccurredAt,
        created.OccurredAt);

    public static OrderId Key(OrderItemAdded added) => added.Order;

    public static OrderView? Apply(OrderView? view, OrderItemAdded added)
    {
        if (view is null)
            return null;
        var items = view.Items.ToList();
        var line = items.FindIndex(item => item.Is(added.Product, added.UnitPrice));
        if (line >= 0)
            items[line] = items[line].WithQuantity(items[line].Quantity + added.Quantity);
        else
            items.Add(
                LineOf(added.Product, added.Sku.Value, added.ProductName, added.Quantity, added.UnitPrice.Amount));
        return view.WithItems(items, added.OccurredAt) with { Currency = added.UnitPrice.Currency };
    }

    public static OrderId Key(OrderItemRemoved removed) => removed.Order;

    public static OrderView? Apply(OrderView? view, OrderItemRemoved removed) =>
        view?.WithItems(
            [.. view.Items.Where(item => !item.Is(removed.Product, removed.UnitPrice))],
            removed.OccurredAt);

    public static OrderId Key(OrderItemQuantityChanged changed) => changed.Order;

    public static OrderView? Apply(OrderView? view, OrderItemQuantityChanged changed) =>
        view?.WithItems(
            [
                .. view.Items.Select(item =>
                    item.Is(changed.Product, changed.UnitPrice) ? item.WithQuantity(changed.Quantity) : item),
            ],
            changed.OccurredAt);

    public static OrderId Key(OrderSubmitted submitted) => submitted.Order;

    public static OrderView? Apply(OrderView? view, OrderSubmitted submitted) => view is null
        ? null
        : view.WithStatus(OrderStatus.Submitted, submitted.OccurredAt) with { Discount = submitted.Discount.Amount };

    public static OrderId Key(OrderPaid paid) => paid.Order;

    public static OrderView? Apply(OrderView? view, OrderPaid paid) =>
        view?.WithStatus(OrderStatus.Paid, paid.OccurredAt);

    public static OrderId Key(OrderPaymentFailed failed) => failed.Order;

    public static OrderView? Apply(OrderView? view, OrderPaymentFailed failed) =>
        view?.WithStatus(OrderStatus.PaymentFailed, failed.OccurredAt, failed.ErrorMessage);

    public static OrderId Key(OrderProcessingStarted started) => started.Order;

    public static OrderView? Apply(OrderView? view, OrderProcessingStarted started) =>
        view?.WithStatus(OrderStatus.Processing, started.OccurredAt);

    public static OrderId Key(OrderShipped shipped) => shipped.Order;

    public static OrderView? Apply(OrderView? view, OrderShipped shipped) => view is null
        ? null
        : view.WithStatus(OrderStatus.Shipped, shipped.OccurredAt) with { TrackingCode = shipped.TrackingCode };

    public static OrderId Key(OrderDelivered delivered) => delivered.Order;

    public static OrderView? Apply(OrderView? view, OrderDelivered delivered) =>
        view?.WithStatus(OrderStatus.Delivered, delivered.OccurredAt);

    public static OrderId Key(OrderCancelled cancelled) => cancelled.Order;

    public static OrderView? Apply(OrderView? view, OrderCancelled cancelled) =>
        view?.WithStatus(OrderStatus.Cancelled, cancelled.OccurredAt, cancelled.Reason);

    public static OrderId Key(OrderFailed failed) => failed.Order;

    public static OrderView? Apply(OrderView? view, OrderFailed failed) =>
        view?.WithStatus(OrderStatus.Failed, failed.OccurredAt, failed.Reason);

    public static OrderId Key(OrderItemsReturned returned) => returned.Order;

    public static OrderView? Apply(OrderView? view, OrderItemsReturned returned) => view is null
        ? null
        : view with
        {
            Items = [.. view.Items.Select(item => item with { Returned = item.Returned + ReturnedOf(item, returned) })],
            Modified = returned.OccurredAt,
        };

    public static OrderId Key(SaleRecorded sale) => sale.Order;

    /// <summary>An order of older books gets all its lines from this event; an order of this shop already has
    /// them.</summary>
    public static OrderView Apply(OrderView? view, SaleRecorded sale)
    {
        if (view is { IsTakenOver: false })
            return view;
        view ??= new OrderView(
            sale.Order,
            sale.Number,
            sale.Kind,
            sale.Customer,
            sale.Buyer,
            sale.Country,
            sale.Kind == SaleKind.Cancellation ? OrderStatus.Cancelled : OrderStatus.Delivered,
            [],
            0,
            0,
            sale.Currency,
            null,
            null,
            true,
            sale.OccurredAt,
            sale.OccurredAt);
        var items = sale.Lines.Select(line => LineOf(null, line.Sku, line.Name, line.Quantity, line.Price));
        return view.WithItems([.. view.Items, .. items], sale.OccurredAt);
    }

    private static OrderLineView LineOf(ProductId? product, string sku, string name, int quantity, decimal price) =>
        new(product, sku, name, quantity, price, quantity * price);

    private static int ReturnedOf(OrderLineView item, OrderItemsReturned returned) =>
        returned.Items
            .Where(returnedItem => item.Is(returnedItem.Product, returnedItem.UnitPrice))
            .Sum(returnedItem => returnedItem.Quantity);
}
