namespace Commerce.Choreography.Orders;

/// <summary>
/// Cancels an order that has no outcome after a day. The time limit is durable and also runs while no node runs.
/// </summary>
[Process("unanswered-order")]
public sealed class UnansweredOrder : Process<OrderId>
{
    protected override void Define(ProcessBuilder<OrderId> process) => process
        .StartOn<OrderSubmitted>(submitted => submitted.Order)
        .Await<OrderPaid>(paid => paid.Order, within: TimeSpan.FromDays(1), onTimeout: TimeoutRule.Continue)
        .Step("cancel", order => new CancelUndecidedOrder(order))
        .OnUnexpected(UnexpectedEvents.Ignore);
}
