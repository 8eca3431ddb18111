using Commerce.Choreography.Inventory;

namespace Commerce.Choreography.Orders;

public sealed record SubmitOrder(OrderId Order, IReadOnlyList<OrderLine> Lines, string Card) : ICommand;

public sealed record RequestPayment(OrderId Order) : ICommand;

public sealed record FailOrder(OrderId Order, string Reason) : ICommand;

public sealed record MarkPaid(OrderId Order, string TransactionId, decimal Amount) : ICommand;

public sealed record MarkPaymentFailed(OrderId Order, string Error) : ICommand;

public sealed record StartProcessing(OrderId Order) : ICommand;

public sealed record CancelUndecidedOrder(OrderId Order) : ICommand;

public sealed record NoteAvailability(ProductId Product, ProductStockChanged Change) : ICommand;

/// <summary>Handles the commands of orders.</summary>
public static class OrderHandlers
{
    public static void Handle(SubmitOrder command, [New] Order order) => order.Submit(command.Lines, command.Card);

    public static void Handle(RequestPayment command, Order order) => order.RequestPayment();

    public static void Handle(FailOrder command, Order order) => order.Fail(command.Reason);

    public static void Handle(MarkPaid command, Order order) => order.MarkPaid(command.TransactionId, command.Amount);

    public static void Handle(MarkPaymentFailed command, Order order) => order.MarkPaymentFailed(command.Error);

    public static void Handle(StartProcessing command, Order order) => order.StartProcessing();

    public static void Handle(CancelUndecidedOrder command, Order order) =>
        order.CancelUndecided("The order had no outcome in time.");

    public static void Handle(NoteAvailability command, [OrNew] Availability availability) =>
        availability.Update(command.Change);
}
