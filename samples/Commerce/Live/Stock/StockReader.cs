using Commerce.Catalogue;
using Commerce.Inventory;
using Millrace.Storage;

namespace Commerce.Live.Stock;

/// <summary>Reads live stock from the store.</summary>
public sealed class StockReader(EventStore store, IReadModel<InventoryItemId, StockView> stock) : IStockReader
{
    private const int MaxWarehouses = 100;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads the stock of a product in all warehouses, at least as current as the time of the call. The read model,
    /// once it has reached the end of the log, lists the warehouses. The last event of each item has the quantity.
    /// </summary>
    public async Task<IReadOnlyList<StockChange>> Read(ProductId product, CancellationToken cancellationToken)
    {
        var query = new ReadQuery
        {
            Conditions = [new("product", Comparison.Equal, product.ToString())],
            Limit = MaxWarehouses,
        };
        var found = await stock.Query(
            query, new ReadAfter(await store.GetToken(cancellationToken), WaitTimeout), cancellationToken);
        if (!found.IsFresh)
            throw new TimeoutException(
                $"The read model of stock did not reach the end of the log within {WaitTimeout.TotalSeconds} s.");
        var changes = new List<StockChange>(found.Items.Count);
        foreach (var view in found.Items)
        {
            var item = new StreamId($"inventory-{view.Id}");
            await foreach (var recorded in store.ReadStreamBackwards(item, cancellationToken: cancellationToken))
            {
                if (recorded.Data is not ProductStockChanged)
                    continue;
                changes.Add(StockChange.Of(recorded));
                break;
            }
        }

        return changes;
    }
}
