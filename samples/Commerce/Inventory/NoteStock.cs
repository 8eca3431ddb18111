using Commerce.Catalogue;

namespace Commerce.Inventory;

/// <summary>Records a stock fact that the inventory service published.</summary>
public sealed record NoteStock(ProductStockChanged Fact) : ICommand;

/// <summary>
/// Records facts in the item's stream. Stock exists only for an existing product, so a fact about an unknown product is
/// refused.
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
