using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Fulfilments;

/// <summary>What the logs of the processes say, and what a customer may ask of one.</summary>
public sealed class FulfilmentLog(Processes processes)
{
    /// <summary>The most tries of an order that are looked at.</summary>
    private const int MaxAttempts = 100;

    /// <summary>Why a fulfilment is undone, and who called it off, if somebody did.</summary>
    public async Task<(string Reason, string? CalledOffBy)> FindUndoReason(
        FulfilmentId fulfilment, CancellationToken cancellationToken)
    {
        var history = await processes.History(Fulfilment.Name, fulfilment.ToString(), cancellationToken);
        var asked = history.LastOrDefault(entry => entry.What == "cancel-asked");
        var undone = history.LastOrDefault(entry => entry.What == "compensating");
        var reason = asked?.Reason ?? undone?.Reason ?? "It could not be fulfilled.";
        return (reason[..Math.Min(reason.Length, TextLimits.Remark)], asked?.By);
    }

    /// <summary>Has a fulfilment undone. False when it has not begun, so that there is nothing to undo.</summary>
    /// <exception cref="WrongStateException">It only goes forward by now.</exception>
    public async Task<bool> CallOff(
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

    /// <summary>All tries to fulfil an order, the latest first.</summary>
    public async Task<IReadOnlyList<FulfilmentView>> Tries(OrderId order, CancellationToken cancellationToken)
    {
        var tries = new List<FulfilmentView>();
        for (var number = 1; number <= MaxAttempts; number++)
        {
            var id = FulfilmentId.Of(order, number);
            if (await processes.Find(Fulfilment.Name, id.ToString(), cancellationToken) is not { } info)
                break;
            tries.Insert(
                0,
                FulfilmentView.Of(id, info, await processes.History(Fulfilment.Name, id.ToString(), cancellationToken))
            );
        }
        return tries;
    }
}
