namespace Evolution.Before;

public sealed record OrderRow(Guid Order, decimal Total, string? Address, string? Payment, string? Carrier, int Notes);

[Projection("orders")]
public sealed partial class OrdersProjection : Projection<Guid, OrderRow>
{
    public static Guid Key(OrderCreated created) => created.Order;

    public static Guid Key(OrderPaid paid) => paid.Order;

    public static Guid Key(OrderShipped shipped) => shipped.Order;

    public static Guid Key(OrderNoted noted) => noted.Order;

    public static OrderRow? Apply(OrderRow? row, OrderCreated created) => Begin(row, created.Order) with
    {
        Total = created.Total,
        Address = created.Address,
    };

    public static OrderRow? Apply(OrderRow? row, OrderPaid paid) =>
        Begin(row, paid.Order) with
        {
            Payment = paid.Reference,
        };

    public static OrderRow? Apply(OrderRow? row, OrderShipped shipped) =>
        Begin(row, shipped.Order) with
        {
            Carrier = shipped.Carrier,
        };

    public static OrderRow? Apply(OrderRow? row, OrderNoted noted)
    {
        var before = Begin(row, noted.Order);
        return before with { Notes = before.Notes + 1 };
    }

    private static OrderRow Begin(OrderRow? row, Guid order) => row ?? new(order, 0, null, null, null, 0);
}

[Stream("order")]
public sealed partial class Order : Aggregate<Guid>
{
    public bool IsPaid { get; private set; }

    public void Pay(string reference) => Raise(new OrderPaid(Id, reference));

    private void When(OrderPaid paid) => IsPaid = true;
}
