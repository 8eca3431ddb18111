namespace Evolution.After;

public sealed record OrderRow(
    OrderId Order, Money? Total, string? Address, string? Payment, Carrier? Carrier, int Lines);

/// <summary>Applies events to the rows of both read models of orders.</summary>
internal static class OrderRows
{
    public static OrderRow Begin(OrderRow? row, OrderId order) => row ?? new(order, null, null, null, null, 0);

    public static OrderRow Placed(OrderRow? row, OrderPlaced placed) =>
        Begin(row, placed.Order) with
        {
            Total = placed.Total,
        };

    public static OrderRow Given(OrderRow? row, AddressGiven given) =>
        Begin(row, given.Order) with
        {
            Address = given.Address,
        };

    public static OrderRow Paid(OrderRow? row, OrderPaid paid) =>
        Begin(row, paid.Order) with { Payment = $"{paid.Reference} by {paid.Method}" };

    public static OrderRow Shipped(OrderRow? row, OrderShipped shipped) =>
        Begin(row, shipped.Order) with
        {
            Carrier = shipped.Carrier,
        };

    public static OrderRow Noted(OrderRow? row, OrderNoted noted)
    {
        var before = Begin(row, noted.Order);
        return before with { Lines = before.Lines + noted.Lines.Count };
    }
}

[Projection("orders", Version = 2)]
public sealed partial class OrdersProjection : Projection<OrderId, OrderRow>
{
    public static OrderId Key(OrderPlaced placed) => placed.Order;

    public static OrderId Key(AddressGiven given) => given.Order;

    public static OrderId Key(OrderPaid paid) => paid.Order;

    public static OrderId Key(OrderShipped shipped) => shipped.Order;

    public static OrderId Key(OrderNoted noted) => noted.Order;

    public static OrderRow? Apply(OrderRow? row, OrderPlaced placed) => OrderRows.Placed(row, placed);

    public static OrderRow? Apply(OrderRow? row, AddressGiven given) => OrderRows.Given(row, given);

    public static OrderRow? Apply(OrderRow? row, OrderPaid paid) => OrderRows.Paid(row, paid);

    public static OrderRow? Apply(OrderRow? row, OrderShipped shipped) => OrderRows.Shipped(row, shipped);

    public static OrderRow? Apply(OrderRow? row, OrderNoted noted) => OrderRows.Noted(row, noted);
}

[Projection("orders-now", Lifecycle = ProjectionLifecycle.Inline, Stream = "order")]
public sealed partial class OrdersNowProjection : Projection<OrderId, OrderRow>
{
    public static OrderId Key(OrderPlaced placed) => placed.Order;

    public static OrderId Key(AddressGiven given) => given.Order;

    public static OrderId Key(OrderPaid paid) => paid.Order;

    public static OrderRow? Apply(OrderRow? row, OrderPlaced placed) => OrderRows.Placed(row, placed);

    public static OrderRow? Apply(OrderRow? row, AddressGiven given) => OrderRows.Given(row, given);

    public static OrderRow? Apply(OrderRow? row, OrderPaid paid) => OrderRows.Paid(row, paid);
}

public sealed record AddressBook(string Address, int Orders);

/// <summary>Subscribes only to an event that older builds stored as part of another event.</summary>
[Projection("addresses")]
public sealed partial class AddressesProjection : Projection<string, AddressBook>
{
    public static string Key(AddressGiven given) => given.Address;

    public static AddressBook? Apply(AddressBook? book, AddressGiven given) =>
        new(given.Address, (book?.Orders ?? 0) + 1);
}

[Stream("order")]
public sealed partial class Order : Aggregate<OrderId>
{
    public Money? Total { get; private set; }

    public string? Address { get; private set; }

    public string? Method { get; private set; }

    public void Pay(string reference, string method) => Raise(new OrderPaid(Id, reference, method));

    public void Ship(Carrier carrier) => Raise(new OrderShipped(Id, carrier));

    private void When(OrderPlaced placed) => Total = placed.Total;

    private void When(AddressGiven given) => Address = given.Address;

    private void When(OrderPaid paid) => Method = paid.Method;
}
