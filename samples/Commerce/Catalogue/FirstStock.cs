namespace Commerce.Catalogue;

/// <summary>
/// Brings the first stock of a new product, once the product is there: one that was refused, such as for a code that is
/// taken, leaves nothing with the inventory, whoever keeps that. It is asked for until it answers, and what it does not
/// take a person decides about.
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
