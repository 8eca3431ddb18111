using Commerce.Access;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>Reads the logs of the fulfilment processes, and requests cancellations.</summary>
public sealed class FulfilmentLog(Processes processes, ShopClock clock)
{
    /// <summary>The reason of a requested cancellation, and who requests it if it is not the customer. Histories of
    /// processes are not encrypted with the keys of customers, so the words of people stay in the order.</summary>
    private const string CancellationReason = "The order is cancelled on request.", Staff = "staff";

    /// <summary>The maximum number of attempts to read for an order.</summary>
    private const int MaxAttempts = 100;

    /// <summary>Returns the reason why a fulfilment is undone, the user who cancelled it or null, and whether the order
    /// has the words of who requested it.</summary>
    public async Task<(string Reason, string? CancelledBy, bool IsOfOrder)> FindUndoReason(
        FulfilmentId fulfilment, CancellationToken cancellationToken)
    {
        var history = await ReadDecisions(fulfilment.ToString(), cancellationToken);
        var asked = history.LastOrDefault(entry => entry.Kind == "cancel-asked");
        var undone = history.LastOrDefault(entry => entry.Kind == "compensating");
        var reason = asked?.Reason ?? undone?.Reason ?? "It could not be fulfilled.";
        // An operator who cancels the attempt later, perhaps with the same text, does not speak for the customer.
        var isOfOrder = asked is { By: ShopRoles.Customer or Staff, Reason: CancellationReason };
        return (reason[..Math.Min(reason.Length, TextLimits.Remark)], asked?.By, isOfOrder);
    }

    /// <summary>
    /// Undoes a fulfilment in the commit of a command. Returns false if the fulfilment has not started, so that nothing
    /// needs to be undone. The first request decides: a further one has no effect.
    /// </summary>
    /// <exception cref="WrongStateException">The process can no longer be undone. Nothing is stored.</exception>
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
        if (order.Cancellation?.Fulfilment == fulfilment && await IsBeingUndone(id, cancellationToken))
            return true;
        var by = command.CancelledBy == ShopRoles.Customer ? ShopRoles.Customer : Staff;
        try
        {
            await processes.Cancel(Fulfilment.Name, id, by, CancellationReason, context, cancellationToken);
        }
        catch (ProcessRefusedException)
        {
            throw new WrongStateException(
                nameof(Order), "fulfilment-can-be-undone", order.Status.ToString(), "be cancelled any more");
        }
        order.RequestCancellation(command.Reason, command.CancelledBy, clock.Now);
        return true;
    }

    /// <summary>Returns whether a requested cancellation is pending, or is being carried out. A process that was held
    /// while it was undone is undone further when it is resumed.</summary>
    private async Task<bool> IsBeingUndone(string id, CancellationToken cancellationToken)
    {
        var decisions = await ReadDecisions(id, cancellationToken);
        return decisions.Any(entry => entry.Kind == "cancel-asked")
            && (decisions.Any(entry => entry.Kind == "compensating")
                || decisions.Last(entry => entry.Kind is "cancel-asked" or "resumed").Kind == "cancel-asked");
    }

    /// <summary>Reads the history after the last return to a step, which revokes a cancellation.</summary>
    private async Task<IReadOnlyList<ProcessEntry>> ReadDecisions(string id, CancellationToken cancellationToken)
    {
        var history = await processes.History(Fulfilment.Name, id, cancellationToken);
        var revoked = history.LastOrDefault(entry => entry is { Kind: "moved" } or { Kind: "resumed", Step: not null });
        return [.. history.Where(entry => entry.Version > (revoked?.Version ?? 0))];
    }

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
