using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>Reads the logs of the fulfilment processes, and requests cancellations.</summary>
public sealed class FulfilmentLog(Processes processes)
{
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
    /// to be undone.
    /// </summary>
    /// <exception cref="WrongStateException">The process can no longer be undone.</exception>
    public async Task<bool> RequestCancellation(
        FulfilmentId fulfilment, Order order, CancelOrder command, CancellationToken cancellationToken)
    {
        try
        {
            await processes.Cancel(
                Fulfilment.Name, fulfilment.ToString(), command.CancelledBy, command.Reason, cancellationToken);
            return true;
        }
        catch (ProcessNotFoundException)
        {
            return false;
        }
        catch (ProcessRefusedException)
        {
            throw new WrongStateException(
                nameof(Order), "fulfilment-can-be-undone", order.Status.ToString(), "be cancelled any more");
        }
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
