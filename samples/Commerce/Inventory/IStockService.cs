using Commerce.Catalogue;
using Commerce.Orders;

namespace Commerce.Inventory;

/// <summary>The stock as orders use it: in the same store, or in a separate service.</summary>
public interface IStockService
{
    /// <summary>
    /// Throws when another store contains the stock, because an order and its stock then cannot change in one commit.
    /// </summary>
    /// <exception cref="WrongStateException">Stock is kept in another store.</exception>
    void RequireOneStore(Order order, string action);

    /// <summary>Reserves everything that an order needs, or nothing. Repeated requests have no further
    /// effect.</summary>
    Task Reserve(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Releases the reserved stock.</summary>
    Task Release(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Hands out the reserved stock: it leaves the warehouse.</summary>
    Task HandOut(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Returns handed-out stock to the warehouse. Does nothing when no stock was handed out.
    /// </summary>
    Task PutBack(FulfilmentId fulfilment, Order order, CommandContext context, CancellationToken cancellationToken);

    /// <summary>Adds pieces of a product to a warehouse.</summary>
    /// <param name="delivery">The pieces to add.</param>
    /// <param name="key">The idempotency key: the same in every attempt.</param>
    /// <param name="context">The context of the current command.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    Task<StockLevel> Add(
        StockDelivery delivery, string key, CommandContext context, CancellationToken cancellationToken);
}

/// <summary>Pieces that arrive at a warehouse.</summary>
public sealed record StockDelivery(ProductId Product, int Quantity, string Reason, WarehouseId Warehouse);
