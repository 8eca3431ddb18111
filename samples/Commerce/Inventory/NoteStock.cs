using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>Notes what the service that keeps the stock tells of a product.</summary>
public sealed record NoteStock(ProductStockChanged Fact) : ICommand;

/// <summary>
/// Notes facts under the name of the item's stream. The first stock of a product is told while it is created, mostly a moment before
/// that is committed here: so long it is waited for. One whose product does not come is refused, and comes again from the log.
/// </summary>
public static class NoteStockHandlers
{
    private const int Looks = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task Handle(
        NoteStock command, EventStore store, TimeProvider time, CommandContext context, CancellationToken cancellationToken)
    {
        var fact = command.Fact;
        var product = StreamId.For("product", fact.Product);
        for (var looks = 1; looks < Looks && await store.GetStream(product, cancellationToken) is null; looks++)
            await Task.Delay(Pause, time, cancellationToken);
        await context.Load<Product, ProductId>(fact.Product, cancellationToken);
        context.Append(StreamId.For("inventory", InventoryItemId.Of(fact.Product, fact.Warehouse)), ExpectedVersion.Any, fact);
    }
}
