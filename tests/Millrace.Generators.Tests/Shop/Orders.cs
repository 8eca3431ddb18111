namespace Millrace.Generators.Tests.Shop;

[Event("order.placed")]
public sealed record OrderPlaced(OrderId Order, Money Total, DateOnly Day, [property: Tag] CustomerId? Customer = null);

[Event("order.paid")]
public sealed record OrderPaid([Tag("order")] OrderId Order, string Payment);

[Event("order.cancelled", Version = 2)]
public sealed record OrderCancelled(OrderId Order, string? Reason)
{
    [Upcast]
    public static OrderCancelled From(OrderCancelledV1 old) => new(old.Order, null);
}

[Event("order.cancelled", Version = 1)]
public sealed record OrderCancelledV1(OrderId Order);

public sealed record PlaceOrder(OrderId Order, Money Total, CustomerId? Customer = null) : ICommand;

public sealed record PayOrder(OrderId Order, string Payment) : ICommand<PaymentReceipt>;

public sealed record PaymentReceipt(string Payment);

[MessageName("cancel")]
public sealed record CancelOrder(OrderId Order, string? Reason) : ICommand;

/// <summary>Cancels an order and places another order instead.</summary>
public sealed record ReplaceOrder(OrderId Old, OrderId New) : ICommand;

public sealed record Ping(int Number) : ICommand<int>;

[Stream("order"), Snapshot(Every = 50, Version = 3)]
public sealed partial class Order : Aggregate<OrderId>, ISnapshotable<OrderState>
{
    private bool _paid;

    public Money Total { get; private set; }

    public void Place(Money total, DateOnly day, CustomerId? customer) =>
        Raise(new OrderPlaced(Id, total, day, customer));

    public void Pay(string payment)
    {
        Require(!_paid, "order-unpaid", "The order is paid already.");
        Raise(new OrderPaid(Id, payment));
    }

    public void Cancel(string? reason) => Raise(new OrderCancelled(Id, reason));

    public OrderState TakeSnapshot() => new(_paid, Total);

    public void Restore(OrderState state) => (_paid, Total) = (state.IsPaid, state.Total);

    private void When(OrderPlaced placed) => Total = placed.Total;

    private void When(OrderPaid paid) => _paid = true;
}

public sealed record OrderState(bool IsPaid, Money Total);

public static class OrderHandlers
{
    public static void Handle(PlaceOrder command, [New] Order order, TimeProvider time)
        => order.Place(command.Total, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime), command.Customer);

    public static void Validate(PlaceOrder command, ValidationProblems problems)
        => problems.Require(command.Total.Amount > 0, nameof(command.Total), "It must be more than nothing.");

    public static PaymentReceipt Handle(PayOrder command, Order order)
    {
        order.Pay(command.Payment);
        return new(command.Payment);
    }

    public static async Task Handle(CancelOrder command, Order order, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        order.Cancel(command.Reason);
    }

    public static async ValueTask Handle(
        ReplaceOrder command,
        [From(nameof(command.Old))] Order old,
        [OrNew, From(nameof(ReplaceOrder.New))] Order @new,
        CommandContext context)
    {
        await Task.Yield();
        old.Cancel($"replaced by {command.New} in {context.CommandId}");
        @new.Place(old.Total, new DateOnly(2011, 12, 5), null);
    }

    public static int Handle(Ping command) => command.Number;
}

[Projection("daily-sales", Version = 1)]
public sealed partial class DailySalesProjection : Projection<DateOnly, DailySales>
{
    public static DateOnly Key(OrderPlaced placed) => placed.Day;

    public static DailySales? Apply(DailySales? day, OrderPlaced placed)
        => new(placed.Day, day is null ? placed.Total : day.Total + placed.Total, (day?.Orders ?? 0) + 1);
}

public sealed record DailySales([property: Indexed] DateOnly Day, Money Total, [Indexed] int Orders);

[Projection("orders", Lifecycle = ProjectionLifecycle.Inline, Stream = "order")]
public sealed partial class OrderListProjection : Projection<OrderId, OrderSummary>
{
    public static OrderId Key(OrderPlaced placed) => placed.Order;

    public static OrderId? Key(OrderPaid paid) => paid.Payment == "voucher" ? null : paid.Order;

    public static IEnumerable<OrderId> Key(OrderCancelled cancelled, RecordedEvent recorded)
        => recorded.Version > 0 ? [cancelled.Order] : [];

    public static OrderSummary Apply(OrderSummary? order, OrderPlaced placed) => new()
    {
        Order = placed.Order,
        Total = placed.Total.Amount,
        Customer = placed.Customer,
        Status = OrderStatus.Placed,
    };

    public static OrderSummary? Apply(OrderId key, OrderSummary? order, OrderPaid paid, RecordedEvent recorded)
        => order is null ? null : order with { Status = OrderStatus.PaidInFull, PaidAt = recorded.Timestamp };

    public static OrderSummary? Apply(OrderSummary? order, OrderCancelled cancelled) => null;
}

public sealed record OrderSummary
{
    public required OrderId Order { get; init; }

    [Indexed]
    public decimal Total { get; init; }

    [Indexed]
    public CustomerId? Customer { get; init; }

    [Indexed]
    public OrderStatus Status { get; init; } = OrderStatus.Draft;

    [Indexed]
    public DateTimeOffset? PaidAt { get; init; }
}

public sealed record GetOrder(OrderId Order) : IQuery<OrderSummary?>;

/// <summary>
/// A parcel of an order. See <see cref="OrderId"/>
/// and <see langword="null"/>.
/// </summary>
/// <param name="Label">The text on the parcel.</param>
public sealed record Parcel(string Label)
{
    /// <summary>The weight of the parcel,
    /// in kilograms.</summary>
    public decimal Weight { get; init; }
}

public sealed record FindParcel(OrderId Order) : IQuery<Parcel>;

public sealed record CountOrders(OrderStatus? Status) : IQuery<long>;

public static class OrderQueries
{
    public static async Task<OrderSummary?> Handle(
        GetOrder query, IOrderBook orders, QueryContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return context.After.IsNone ? orders.Find(query.Order) : null;
    }

    public static Parcel Handle(FindParcel query) => new($"for {query.Order}") { Weight = 2 };

    public static long Handle(CountOrders query, IOrderBook? orders) => orders?.Count(query.Status) ?? -1;
}

public interface IOrderBook
{
    OrderSummary? Find(OrderId order);

    long Count(OrderStatus? status);
}
