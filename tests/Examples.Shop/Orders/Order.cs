namespace Shop.Orders;

/// <summary>Places an order.</summary>
public sealed record PlaceOrder(OrderId Order, decimal Amount) : ICommand;

/// <summary>Pays an order.</summary>
public sealed record PayOrder(OrderId Order, string Payment) : ICommand;

/// <summary>An order, which can be paid once.</summary>
[Stream("order")]
public sealed partial class Order : Aggregate<OrderId>
{
    private string _status = "new";

    /// <summary>Places the order.</summary>
    public void Place(decimal amount, DateOnly day)
    {
        Require(amount > 0, "amount-positive", "An order costs something.");
        Raise(new OrderPlaced(amount, day));
    }

    /// <summary>Pays the order.</summary>
    public void Pay(string payment)
    {
        Require(_status == "placed", "order-payable", "Only a placed order can be paid, and once.");
        Raise(new OrderPaid(payment));
    }

    private void When(OrderPlaced placed) => _status = "placed";

    private void When(OrderPaid paid) => _status = "paid";
}

/// <summary>Handles the commands of orders.</summary>
public static class OrderHandlers
{
    /// <summary>Places an order.</summary>
    public static void Handle(PlaceOrder command, [New] Order order, TimeProvider time) =>
        order.Place(command.Amount, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));

    /// <summary>Pays an order.</summary>
    public static void Handle(PayOrder command, Order order) => order.Pay(command.Payment);
}
