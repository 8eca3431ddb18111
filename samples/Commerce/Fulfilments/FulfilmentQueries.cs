using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>Gets all attempts to fulfil an order, the latest first; empty for an order that was not checked
/// out.</summary>
public sealed record GetFulfilments(OrderId Order) : IQuery<FulfilmentList>;

/// <summary>The attempts to fulfil an order.</summary>
public sealed record FulfilmentList(IReadOnlyList<FulfilmentView> Tries);

/// <summary>Handles queries about fulfilments, from the logs of the processes.</summary>
public static class FulfilmentQueries
{
    public static async Task<FulfilmentList> Handle(
        GetFulfilments query,
        FulfilmentLog log,
        CancellationToken cancellationToken) => new(await log.ListAttempts(query.Order, cancellationToken));
}
