namespace Millrace.Telemetry.Tests;

[Model]
public sealed partial class Bookshop;

[Event("order.placed")]
public sealed record OrderPlaced(string Order, int Total);

[Event("order.confirmed")]
public sealed record OrderConfirmed(string Order, int Total);

[Event("bill.issued")]
public sealed record BillIssued(string Order, int Total);

public sealed record PlaceOrder(string Order, int Total) : ICommand;

public sealed record ConfirmOrder(string Order, int Total) : ICommand;

public sealed record GetBill(string Order) : IQuery<Bill?>;

public sealed record Bill(string Order, int Total);

public static class BookshopHandlers
{
    public static void Handle(PlaceOrder command, CommandContext context)
    {
        if (command.Total < 0)
            throw new InvariantViolatedException("order", "total-positive", "A total is not negative.");
        context.Append(
            StreamId.For("order", command.Order),
            ExpectedVersion.Any,
            new OrderPlaced(command.Order, command.Total));
    }

    public static void Handle(ConfirmOrder command, CommandContext context) =>
        context.Append(
            StreamId.For("order", command.Order),
            ExpectedVersion.Any,
            new OrderConfirmed(command.Order, command.Total));

    public static async Task<Bill?> Handle(
        GetBill query, IReadModel<string, Bill> bills, QueryContext context, CancellationToken cancellationToken) =>
        await bills.Get(query.Order, context, cancellationToken);
}

[Process("confirmation", Version = 1)]
public sealed class Confirmation : Process<string>
{
    protected override void Define(ProcessBuilder<string> process) => process
        .StartOn<OrderPlaced>(placed => placed.Order)
        .Step("confirm", (string order, OrderPlaced placed) => new ConfirmOrder(order, placed.Total));
}

[Projection("bills", Version = 1)]
public sealed partial class BillProjection : Projection<string, Bill>
{
    public static string Key(BillIssued issued) => issued.Order;

    public static Bill Apply(Bill? bill, BillIssued issued) => new(issued.Order, issued.Total);
}
