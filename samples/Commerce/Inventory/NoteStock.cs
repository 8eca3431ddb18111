using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>Notes what the service that keeps the stock tells of a product.</summary>
public sealed record NoteStock(ProductStockChanged Fact) : ICommand;

/// <summary>
/// Notes facts under the name of the item's stream. One that comes before its product, whose first stock is told while it is created, is
/// refused, and comes again from the log.
/// </summary>
public static class NoteStockHandlers
{
    public static async Task Handle(NoteStock command, CommandContext context, CancellationToken cancellationToken)
    {
        var fact = command.Fact;
        await context.Load<Product, ProductId>(fact.Product, cancellationToken);
        context.Append(StreamId.For("inventory", InventoryItemId.Of(fact.Product, fact.Warehouse)), ExpectedVersion.Any, fact);
    }
}
