using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>The stock as orders use it: kept in one store with them, or by a service of its own.</summary>
public interface IStockService
{
    /// <summary>Refuses what changes an order and stock in one commit where they are kept apart.</summary>
    /// <exception cref="WrongStateException">They are.</exception>
    void RequireOneStore(Order order, string asked);

    /// <summary>Keeps what an order wants, all of it or nothing; once, however often it is asked for.</summary>
    Task Reserve(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Gives back what is kept.</summary>
    Task Release(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Hands out what is kept: it leaves the shelves.</summary>
    Task HandOut(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Puts back on the shelves what was handed out; does nothing where nothing was.</summary>
    Task PutBack(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Brings pieces of a product into a warehouse.</summary>
    /// <param name="delivery">What comes in.</param>
    /// <param name="key">The same in every try.</param>
    /// <param name="context">The command that asks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<StockLevel> Add(
        StockDelivery delivery, string key, CommandContext context, CancellationToken cancellationToken);
}

/// <summary>Pieces that come into a warehouse.</summary>
public sealed record StockDelivery(ProductId Product, int Quantity, string Reason, WarehouseId Warehouse);
