using Commerce.Access;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>Reads the logs of the fulfilment processes, and requests cancellations.</summary>
public sealed class FulfilmentLog(Processes processes, EventStore store, ShopClock clock)
{
    /// <summary>The reason of a requested cancellation, and who requests it if it is not the customer. Histories of
    /// processes are not encrypted with the keys of customers, so the words of people stay in the order.</summary>
    private const string CancellationReason = "The order is cancelled on request.", Staff = "staff";

    /// <summary>The maximum number of attempts to read for an order.</summary>
    private const int MaxAttempts = 100;

    /// <summary>Returns the reason why a fulfilment is undone, and the user who cancelled it or null.</summary>
    public async Task<(string Reason, string? CancelledBy)> FindUndoReason(
        FulfilmentId fulfilment, CancellationToken cancellationToken)
    {
        var history = await processes.History(Fulfilment.Name, fulfilment.ToString(), cancellationToken);
        var asked = history.LastOrDefault(entry => entry.Kind == "cancel-asked");
        var undone = history.LastOrDefault(entry => entry.Kind == "compensating");
        var reason = asked?.Reason ?? undone?.Reason ?? "It could not be fulfilled.";
        return (reason[..Math.Min(reason.Length, TextLimits.Remark)], asked?.By);
    }

    /// <summary>
    /// Requests that a fulfilment is undone. Returns false when the fulfilment has not started, so that nothing needs
    /// to be undone. A repetition has no effect.
    /// </summary>
    /// <exception cref="WrongStateException">The process can no longer be undone.</exception>
    public async Task<bool> RequestCancellation(
        FulfilmentId fulfilment,
        Order order,
        CancelOrder command,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        var id = fulfilment.ToString();
        if (await processes.Find(Fulfilment.Name, id, cancellationToken) is null)
            return false;
        var isRepeated = order.Cancellation == (command.Reason, command.CancelledBy);
        if (!isRepeated)
            await Record(order, command, context, cancellationToken);
        try
        {
            var by = command.CancelledBy == ShopRoles.Customer ? ShopRoles.Customer : Staff;
            await processes.Cancel(Fulfilment.Name, id, by, CancellationReason, cancellationToken);
            return true;
        }
        catch (ProcessRefusedException)
        {
            if (isRepeated && await IsCancelled(id, cancellationToken))
                return true;
            throw new WrongStateException(
                nameof(Order), "fulfilment-can-be-undone", order.Status.ToString(), "be cancelled any more");
        }
    }

    /// <summary>Commits the request before the process is cancelled, which then reads the order.</summary>
    private async Task Record(
        Order order, CancelOrder command, CommandContext context, CancellationToken cancellationToken)
    {
        var requested = new OrderCancellationRequested(
            order.Id, order.Customer, command.Reason, command.CancelledBy, clock.Now);
        var request = new AppendRequest
        {
            Metadata = context.Metadata,
            CorrelationId = context.CorrelationId,
            CausationId = context.CausationId,
        };
        await store.Append(
            request.To(new StreamId($"order-{order.Id}"), ExpectedVersion.StreamExists, [requested]),
            cancellationToken);
    }

    private async Task<bool> IsCancelled(string id, CancellationToken cancellationToken) =>
        (await processes.History(Fulfilment.Name, id, cancellationToken)).Any(entry => entry.Kind == "cancel-asked");

    /// <summary>Returns all attempts to fulfil an order, the latest first.</summary>
    public async Task<IReadOnlyList<FulfilmentView>> ListAttempts(OrderId order, CancellationToken cancellationToken)
    {
        var attempts = new List<FulfilmentView>();
        for (var number = 1; number <= MaxAttempts; number++)
        {
            var id = FulfilmentId.Of(order, number);
            if (await processes.Find(Fulfilment.Name, id.ToString(), cancellationToken) is not { } info)
                break;
            attempts.Insert(
                0,
                FulfilmentView.Of(id, info, await processes.History(Fulfilment.Name, id.ToString(), cancellationToken))
            );
        }
        return attempts;
    }
}
