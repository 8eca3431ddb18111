// What a user writes, after the design's first page.
namespace Acme;

[Model] public sealed partial class Shop;

[Id<Guid>] public readonly partial record struct OrderId;

[Value<string>] public readonly partial record struct Email
{
    private static string? Problem(string value) => value.Contains('@') ? null : "it has no @";
}

public enum Channel { Web, PhoneCall }

public sealed record Money(decimal Amount, string Currency)
{
    public static Money operator +(Money left, Money right) => left with { Amount = left.Amount + right.Amount };
}

[Event("order.placed")] public sealed record OrderPlaced(
    [property: Tag] OrderId Order, Money Total, DateOnly Day, IReadOnlyList<string> Lines, Channel Channel = Channel.Web, Email? Email = null)
{
    public string Note { get; init; } = "";
}

[Event("order.paid", Version = 3, Formerly = ["order.settled"], ReadableBy = 2)] public sealed record OrderPaid(OrderId Order, string Payment);
[Event("order.paid", Version = 2)]
public sealed record OrderPaidV2(OrderId Order, string? Payment)
{
    [Upcast] public static (OrderPaid, PointsEarned?) Split(OrderPaidV2 old) => (new(old.Order, old.Payment ?? ""), null);
}
public static class OldOrders
{
    [Upcast("order.paid", 1)] public static System.Text.Json.Nodes.JsonObject Paid(System.Text.Json.Nodes.JsonObject old) => old;
    [Upcast("points.given", 1)] public static PointsEarned Given(System.Text.Json.Nodes.JsonObject old) => new((int)old["points"]!);
}

public sealed record PlaceOrder(OrderId Order, Money Total) : ICommand;

public sealed record PayOrder(OrderId Order, string Payment) : ICommand<PaymentReceipt>;

public sealed record Echo(string Text) : ICommand<string>;

public sealed record PaymentReceipt(string Payment);

public sealed record GetSales(DateOnly Day) : IQuery<DailySales?>;

[Stream("order")]
public sealed partial class Order : Aggregate<OrderId>
{
    private bool _paid;

    public void Place(Money total, DateOnly day) => Raise(new OrderPlaced(Id, total, day, []));

    public void Pay(string payment)
    {
        Require(!_paid, "order-unpaid", "The order is paid already.");
        Raise(new OrderPaid(Id, payment));
    }

    private void When(OrderPaid paid) => _paid = true;
}

public static class OrderHandlers
{
    public static void Handle(PlaceOrder command, [New] Order order, TimeProvider time)
        => order.Place(command.Total, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));

    public static void Validate(PlaceOrder command, ValidationProblems problems)
        => problems.Require(command.Total.Amount > 0, nameof(command.Total), "It must be more than nothing.");

    public static PaymentReceipt Handle(PayOrder command, Order order)
    {
        order.Pay(command.Payment);
        return new(command.Payment);
    }

    public static string Handle(Echo command) => command.Text;

    public static async Task<DailySales?> Handle(GetSales query, SalesBook sales, CancellationToken cancellationToken)
        => await sales.Find(query.Day, cancellationToken);
}

public abstract class SalesBook
{
    public abstract Task<DailySales?> Find(DateOnly day, CancellationToken cancellationToken);
}

[Projection("daily-sales", Version = 1)]
public sealed partial class DailySalesProjection : Projection<DateOnly, DailySales>
{
    public static DateOnly Key(OrderPlaced placed) => placed.Day;

    public static DailySales? Apply(DailySales? day, OrderPlaced placed)
        => new(placed.Day, day is null ? placed.Total : day.Total + placed.Total);
}

public sealed record DailySales([property: Indexed] DateOnly Day, Money Total);

[Event("points.earned")] public sealed record PointsEarned(int Points);

public sealed record EarnPoints(OrderId Order, int Points) : ICommand;

[Decider("points")]
public static partial class Points
{
    public static int Initial => 0;

    public static int Evolve(int points, PointsEarned earned) => points + earned.Points;

    public static IEnumerable<object> Decide(EarnPoints command, int points) => points < 1000 ? [new PointsEarned(command.Points)] : [];
}
