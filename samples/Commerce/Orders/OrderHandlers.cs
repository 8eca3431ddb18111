using System.Diagnostics.CodeAnalysis;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.SharedKernel;
using Commerce.Shipping;

namespace Commerce.Orders;

/// <summary>
/// Handles all commands about orders. Changes to an order, its stock and its payment are appended in one commit.
/// </summary>
public static class OrderHandlers
{
    /// <summary>The reason of a refund. What people write about an order does not leave it.</summary>
    private const string Returned = "goods returned";

    public static void Validate(CreateOrder command, ValidationProblems problems)
    {
        Address.Validate(command.Address, "address", problems);
        problems.Require(
            command.Items?.All(item => item.Quantity > 0) ?? true, "items", "A quantity is more than zero.");
    }

    public static async Task<OrderAnswer> Handle(
        CreateOrder command,
        [New] Order order,
        Customer customer,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        context.OnlyForOpenCustomer(customer);
        var now = clock.Now;
        order.Create(order.Id.ToNumber(), customer.Id, customer.Name, command.Address, now);
        foreach (var item in command.Items ?? [])
            Add(order, await context.Load<Product, ProductId>(item.Product, cancellationToken), item.Quantity, now);
        return OrderAnswer.Of(order, "The order was created.");
    }

    public static void Validate(AddItem command, ValidationProblems problems) =>
        problems.Require(command.Quantity > 0, "quantity", "A quantity is more than zero.");

    public static OrderAnswer Handle(AddItem command, Order order, Product product, ShopClock clock)
    {
        order.RequireOwner(command.Customer);
        Add(order, product, command.Quantity, clock.Now);
        return OrderAnswer.Of(order, "The item was added.");
    }

    public static OrderAnswer Handle(RemoveItem command, Order order, ShopClock clock)
    {
        order.RequireOwner(command.Customer);
        order.RemoveItem(command.Product, clock.Now);
        return OrderAnswer.Of(order, "The item was removed.");
    }

    public static void Validate(ChangeQuantity command, ValidationProblems problems) =>
        problems.Require(command.Quantity > 0, "quantity", "A quantity is more than zero.");

    public static OrderAnswer Handle(ChangeQuantity command, Order order, ShopClock clock)
    {
        order.RequireOwner(command.Customer);
        order.ChangeQuantity(command.Product, command.Quantity, clock.Now);
        return OrderAnswer.Of(order, "The quantity was changed.");
    }

    public static async Task<OrderAnswer> Handle(
        SubmitOrder command,
        Order order,
        PricingService pricing,
        IStockService stockService,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        stockService.RequireOneStore(order, "be submitted by hand");
        var now = clock.Now;
        var customer = await context.Load<Customer, CustomerId>(order.Customer, cancellationToken);
        context.OnlyForOpenCustomer(customer);
        order.Submit(pricing, customer.Since, now);
        foreach (var (product, quantity) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            stock.Reserve(order.Id, product, quantity, now);
        }

        return OrderAnswer.Of(order, "The order was placed.");
    }

    public static void Validate(CheckOut command, ValidationProblems problems)
    {
        problems.Require(!string.IsNullOrWhiteSpace(command.Card), "card", "A card is needed.");
        problems.RequireShort(command.Card, TextLimits.Name, "card");
    }

    public static async Task<OrderAnswer> Handle(
        CheckOut command,
        Order order,
        PricingService pricing,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        order.RequireOwner(command.Customer);
        var now = clock.Now;
        var customer = await context.Load<Customer, CustomerId>(order.Customer, cancellationToken);
        context.OnlyForOpenCustomer(customer);
        order.Submit(pricing, customer.Since, now);
        order.CheckOut(command.Card, now);
        return OrderAnswer.Of(order, "The order was placed, and will be fulfilled.");
    }

    public static OrderAnswer Handle(StartProcessing command, Order order, ShopClock clock)
    {
        order.RequireByHand("be processed");
        order.StartProcessing(clock.Now);
        return OrderAnswer.Of(order, "The order is being packed.");
    }

    public static void Validate(ShipOrder command, ValidationProblems problems) =>
        problems.RequireShort(command.TrackingCode, TextLimits.Name, "trackingCode");

    public static OrderAnswer Handle(ShipOrder command, Order order, ShopClock clock)
    {
        order.RequireByHand("be shipped");
        order.Ship(command.TrackingCode, clock.Now);
        return OrderAnswer.Of(order, "The order is on its way.");
    }

    public static async Task<OrderAnswer> Handle(
        DeliverOrder command, Order order, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        if (order is { Fulfilment: { } fulfilment, Status: OrderStatus.Shipped })
            (await context.Load<Shipment, ShipmentId>(ShipmentId.Of(fulfilment), cancellationToken)).Deliver(
                fulfilment, now);
        order.Deliver(now);
        return OrderAnswer.Of(order, "The order has arrived.");
    }

    public static void Validate(CancelOrder command, ValidationProblems problems)
    {
        problems.Require(!string.IsNullOrWhiteSpace(command.Reason), "reason", "A cancellation needs a reason.");
        problems.RequireShort(command.Reason, TextLimits.Remark, "reason");
        problems.RequireShort(command.CancelledBy, TextLimits.Name, "cancelledBy");
    }

    public static async Task<OrderAnswer> Handle(
        CancelOrder command,
        Order order,
        FulfilmentLog fulfilments,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        order.RequireOwner(command.Customer);
        if (order.IsCancelledBy(command.Reason, command.CancelledBy))
            return OrderAnswer.Of(order, "The order was cancelled."); // The same command again.
        if (order.Fulfilment is { } fulfilment
            && await fulfilments.RequestCancellation(fulfilment, order, command, context, cancellationToken))
            return OrderAnswer.Of(order, "The fulfilment is being undone; the order is cancelled afterwards.");
        var now = clock.Now;
        var wasPaid = order.IsPaid;
        order.Cancel(
            await context.RemarkOf(order, command.Reason, cancellationToken),
            await context.RemarkOf(order, command.CancelledBy, cancellationToken),
            now);
        if (!wasPaid)
        {
            await Release(order, context, now, cancellationToken);
            return OrderAnswer.Of(order, "The order was cancelled.");
        }

        var payment = await context.Load<Payment, PaymentId>(order.Payment, cancellationToken);
        payment.Refund(order.Due, "order cancelled", now);
        foreach (var (product, quantity) in order.Quantities())
            (await context.StockOf(product, cancellationToken)).Add(
                product, WarehouseId.Main, quantity, "order cancelled", now);
        return OrderAnswer.Of(order, "The order was cancelled, and what was paid is paid back.");
    }

    public static async Task<OrderAnswer> Handle(
        FailOrder command, Order order, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        order.RequireByHand("be given up");
        order.Fail(await context.RemarkOf(order, command.Reason, cancellationToken), clock.Now);
        await Release(order, context, clock.Now, cancellationToken);
        return OrderAnswer.Of(order, "The order failed.");
    }

    public static void Validate(ReturnItems command, ValidationProblems problems) =>
        problems.RequireShort(command.Reason, TextLimits.Remark, "reason");

    [SuppressMessage("Millrace", "MILL0235", Justification = "A repetition under the same key does nothing.")]
    public static async Task<Refund> Handle(
        ReturnItems command,
        Order order,
        ICardPayments cards,
        IStockService stock,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        // The key stays the same when it is unknown whether the first attempt succeeded.
        var key = $"return-{order.Id}-{order.Version}";
        var remark = await context.RemarkOf(order, command.Reason, cancellationToken);
        var refund = order.Return(command.Items, remark, now);
        var payment = await context.Load<Payment, PaymentId>(order.Payment, cancellationToken);
        payment.Refund(refund, Returned, now);
        if (order.Card.Length > 0)
            await cards.Refund(payment.Id, refund.Amount, Returned, key, cancellationToken);
        foreach (var (product, quantity) in command.Items.GroupBy(item => item.Product, item => item.Quantity, Sum))
        {
            var delivery = new StockDelivery(product, quantity, "returned", WarehouseId.Main);
            await stock.Add(delivery, $"{key}-{product}", context, cancellationToken);
        }
        return new Refund(order.Id, refund);
    }

    /// <summary>Releases all stock that is reserved for an order.</summary>
    public static async Task Release(
        Order order, CommandContext context, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var (product, _) in order.Quantities())
        {
            var stock = await context.StockOf(product, cancellationToken);
            if (stock.ReservedFor(order.Id) is > 0 and var reserved)
                stock.Release(order.Id, reserved, at);
        }
    }

    /// <summary>Returns what a person wrote about an order. Nothing is stored about a customer who has left the shop,
    /// because the keys of their data may be destroyed.</summary>
    private static async ValueTask<string> RemarkOf(
        this CommandContext context, Order order, string remark, CancellationToken cancellationToken) =>
        (await context.LoadOrNew<Customer, CustomerId>(order.Customer, cancellationToken)).IsClosed
            ? Erased.Text
            : remark;

    private static (ProductId Product, int Quantity) Sum(ProductId product, IEnumerable<int> quantities) =>
        (product, quantities.Sum());

    private static void Add(Order order, Product product, int quantity, DateTimeOffset at)
    {
        product.RequireForSale();
        order.AddItem(product.Id, product.Sku, product.Name, quantity, product.Price, at);
    }
}
