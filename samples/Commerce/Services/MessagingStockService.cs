using Commerce.Inventory;
using Commerce.Orders;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>
/// Requests stock from a separate service by messages. Each request has a key, so that the service handles the request
/// once and repeats its answer. Requests for the same order are handled in order. When the service does not answer, a
/// circuit breaker pauses the requests, and the pause does not use up retries.
/// </summary>
public sealed class MessagingStockService(Requests requests, CircuitBreakers circuits) : IStockService
{
    /// <summary>The name of the circuit breaker.</summary>
    public const string Circuit = "inventory";

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(5);

    private readonly CircuitBreaker _circuit = circuits.Get(Circuit);

    /// <summary>
    /// Returns true when an error means that the service is unavailable, and false when the service refuses the
    /// request.
    /// </summary>
    public static bool IsUnavailable(Exception error) =>
        error is RequestTimeoutException or MessageUnroutableException or TransportUnavailableException;

    public void RequireOneStore(Order order, string action) =>
        throw new WrongStateException(
            nameof(Order), "stock-in-one-store", order.Status.ToString(), $"{action}: check it out");

    public Task Reserve(
        FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken)
    {
        var lines = order.Quantities().Select(item => new AllocatedLine(item.Product, item.Quantity)).ToList();
        return AskFor(order, new Allocate(fulfilment, order.Id, lines), context, cancellationToken);
    }

    public Task Release(
        FulfilmentId fulfilment,
        Order order,
        CommandContext context,
        CancellationToken cancellationToken
    ) => AskFor(order, new ReleaseAllocation(fulfilment), context, cancellationToken);

    public Task HandOut(
        FulfilmentId fulfilment,
        Order order,
        CommandContext context,
        CancellationToken cancellationToken
    ) => AskFor(order, new HandOutAllocation(fulfilment), context, cancellationToken);

    public Task PutBack(
        FulfilmentId fulfilment,
        Order order,
        CommandContext context,
        CancellationToken cancellationToken
    ) => AskFor(order, new TakeBackAllocation(fulfilment), context, cancellationToken);

    public Task<StockLevel> Add(
        StockDelivery delivery, string key, CommandContext context, CancellationToken cancellationToken)
    {
        var request = new TakeIn(delivery.Product, delivery.Quantity, delivery.Reason, delivery.Warehouse);
        return Ask(request, key, delivery.Product.ToString(), context, cancellationToken);
    }

    private Task<Nothing> AskFor(
        Order order,
        ICommand command,
        CommandContext context,
        CancellationToken cancellationToken
    ) => Ask(command, context.CommandId.ToString(), order.Id.ToString(), context, cancellationToken);

    private async Task<TResult> Ask<TResult>(
        ICommand<TResult> command,
        string key,
        string orderingKey,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        var options = new RequestOptions
        {
            Timeout = WaitTimeout,
            IdempotencyKey = key,
            Key = orderingKey,
            CorrelationId = context.CorrelationId,
        };
        try
        {
            return await _circuit.Execute(
                async cancel => await requests.Send(command, options, cancel), cancellationToken);
        }
        catch (RequestRefusedException refused) when (refused.IsSettled)
        {
            throw new StockRefusedException(refused.Problem);
        }
    }
}

/// <summary>Thrown when the inventory service refuses a request.</summary>
public sealed class StockRefusedException(string problem)
    : InvariantViolatedException(nameof(InventoryItem), "stock-refused", problem);
