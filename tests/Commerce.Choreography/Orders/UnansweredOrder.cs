namespace Commerce.Choreography.Orders;

/// <summary>Cancels an order without a decision within a day. The time is durable: it passes while no node
/// runs.</summary>
[Process("unanswered-order")]
public sealed class UnansweredOrder : Process<OrderId>
{
    protected override void Define(ProcessBuilder<OrderId> process) => process
        .StartOn<OrderSubmitted>(submitted => submitted.Order)
        .Await<OrderPaid>(paid => paid.Order, within: TimeSpan.FromDays(1), onTimeout: TimeoutRule.GoOn)
        .Step("cancel", order => new CancelUndecidedOrder(order))
        .OnUnexpected(UnexpectedEvents.Ignore);
}
