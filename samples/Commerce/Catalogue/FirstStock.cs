namespace Commerce.Catalogue;

/// <summary>
/// Adds the first stock of a new product after the product is created. A refused product, for example one with a
/// duplicate code, leaves nothing in the inventory, even when another service keeps the stock. The request is repeated
/// until the inventory answers. A person decides about a refused request.
/// </summary>
[Process(Name)]
public sealed class FirstStock : Process<ProductId>
{
    public const string Name = "first-stock";

    protected override void Define(ProcessBuilder<ProductId> process) => process
        .StartOn<FirstStockOrdered>(ordered => ordered.Product)
        .PointOfNoReturn()
        .Step("bring-first-stock", id => new BringFirstStock(id))
        .Retry(20, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));
}
