using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>How the fulfilment of an order goes: all tries, the latest first; none for an order that
/// was not checked out.</summary>
public sealed record GetFulfilments(OrderId Order) : IQuery<FulfilmentList>;

/// <summary>The tries to fulfil an order.</summary>
public sealed record FulfilmentList(IReadOnlyList<FulfilmentView> Tries);

/// <summary>Answers queries about fulfilments, from the logs themselves.</summary>
public static class FulfilmentQueries
{
    public static async Task<FulfilmentList> Handle(
        GetFulfilments query,
        FulfilmentLog log,
        CancellationToken cancellationToken) => new(await log.Tries(query.Order, cancellationToken));
}
