using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Inventory;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>
/// Answers every command about orders. Where an order touches stock or a payment, all that is changed is appended together or not at all.
/// </summary>
public static class OrderHandlers
{
    public static void Validate(CreateOrder command, ValidationProblems problems)
    {
        Address.Validate(command.Address, "address", problems);
        problems.Require(command.Items.All(item => item.Quantity > 0), "items", "A quantity is more than zero.");
    }

    public static async Task Handle(
        CreateOrder command,
        [New] Order order,
        Customer customer,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        order.Create(order.Id.ToNumber(), customer.Id, customer.Name, command.Address, now);
        foreach (var item in command.Items)
        {
            var product = await context.Load<Product, ProductId>(item.Product, cancellationToken);
            AddTo(order, product, item.Quantity, now);
        }
    }

    public static void Validate(AddItem command, ValidationProblems problems) =>
        problems.Require(command.Quantity > 0, "quantity", "A quantity is more than zero.");

    public static void Handle(AddItem command, Order order, Product product, ShopClock clock) =>
        AddTo(order, product, command.Quantity, clock.Now);

    public static void Handle(RemoveItem command, Order order, ShopClock clock) => order.RemoveItem(command.Product, clock.Now);

    public static void Validate(ChangeQuantity command, ValidationProblems problems) =>
        problems.Require(command.Quantity > 0, "quantity", "A quantity is more than zero.");

    public static void Handle(ChangeQuantity command, Order order, ShopClock clock) =>
        order.ChangeQuantity(command.Product, command.Quantity, clock.Now);

    public static async Task<OrderPrice> Handle(
        SubmitOrder command,
        Order order,
        PricingService pricing,
        CommandContext context,
        ShopClock clock,
        CancellationToken cancellationToken)
    {
        var now = clock.Now;
        var customer = await context.Load<Customer, CustomerId>(order.Customer, cancellationToken);
        order.Submit(pricing, customer.Since, now);
        foreach (var (product, quantity) in order.Quantities())
        {
            var item = await StockOf(product, context, cancellationToken);
            item.Reserve(order.Id, product, quantity, now);
        }

        return new OrderPrice(order.Total, order.Discount, order.Due);
    }

    public static void Handle(StartProcessing command, Order order, ShopClock clock) => order.StartProcessing(clock.Now);

    public static void Handle(ShipOrder command, Order order, ShopClock clock) => order.Ship(command.TrackingCode, clock.Now);

    public static void Handle(DeliverOrder command, Order order, ShopClock clock) => order.Deliver(clock.Now);

    public static void Validate(CancelOrder command, ValidationProblems problems) =>
        problems.Require(!string.IsNullOrWhiteSpace(command.Reason), "reason", "A cancellation needs a reason.");

    public static async Task Handle(
        CancelOrder command, Order order, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        var wasPaid = order.IsPaid;
        order.Cancel(command.Reason, command.CancelledBy, now);
        if (wasPaid)
        {
            var payment = await context.Load<Payment, PaymentId>(order.Payment, cancellationToken);
            payment.Refund(order.Due, command.Reason, now);
            foreach (var (product, quantity) in order.Quantities())
                (await StockOf(product, context, cancellationToken)).Add(product, WarehouseId.Main, quantity, "order cancelled", now);
        }
        else
        {
            await Release(order, context, now, cancellationToken);
        }
    }

    public static async Task Handle(
        FailOrder command, Order order, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        order.Fail(command.Reason, clock.Now);
        await Release(order, context, clock.Now, cancellationToken);
    }

    public static async Task<Money> Handle(
        ReturnItems command, Order order, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        var refund = order.Return(command.Items, command.Reason, now);
        var payment = await context.Load<Payment, PaymentId>(order.Payment, cancellationToken);
        payment.Refund(refund, command.Reason, now);
        foreach (var item in command.Items)
            (await StockOf(item.Product, context, cancellationToken)).Add(item.Product, WarehouseId.Main, item.Quantity, "returned", now);
        return refund;
    }

    /// <summary>Gives back whatever is reserved for an order.</summary>
    public static async Task Release(Order order, CommandContext context, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var (product, _) in order.Quantities())
        {
            var item = await StockOf(product, context, cancellationToken);
            if (item.ReservedFor(order.Id) is > 0 and var reserved)
                item.Release(order.Id, reserved, at);
        }
    }

    public static ValueTask<InventoryItem> StockOf(ProductId product, CommandContext context, CancellationToken cancellationToken) =>
        context.LoadOrNew<InventoryItem, InventoryItemId>(InventoryItemId.Of(product, WarehouseId.Main), cancellationToken);

    private static void AddTo(Order order, Product product, int quantity, DateTimeOffset at)
    {
        product.RequireForSale();
        order.AddItem(product.Id, product.Sku, product.Name, quantity, product.Price, at);
    }
}
