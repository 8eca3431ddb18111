using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>Notes what the service that keeps the stock tells of a product.</summary>
public sealed record NoteStock(ProductStockChanged Fact) : ICommand;

/// <summary>
/// Notes facts under the name of the item's stream. Stock is asked for when its product is there already: a fact of one
/// that is not known is refused.
/// </summary>
public static class NoteStockHandlers
{
    public static async Task Handle(NoteStock command, CommandContext context, CancellationToken cancellationToken)
    {
        var fact = command.Fact;
        await context.Load<Product, ProductId>(fact.Product, cancellationToken);
        context.Append(
            StreamId.For("inventory", InventoryItemId.Of(fact.Product, fact.Warehouse)), ExpectedVersion.Any, fact);
    }
}
