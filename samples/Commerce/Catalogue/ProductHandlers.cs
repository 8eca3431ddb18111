using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>Loads, asks the product, and leaves the saving to the bus.</summary>
public static class ProductHandlers
{
    public static void Validate(CreateProduct command, ValidationProblems problems)
    {
        problems.Require(!string.IsNullOrWhiteSpace(command.Name), "name", "A product needs a name.");
        problems.Require(command.Price.IsPositive(), "price", "A price is more than zero.");
        problems.Require(command.InitialQuantity >= 0, "initialQuantity", "A quantity is never below zero.");
    }

    public static async Task Handle(
        CreateProduct command, [New] Product product, CommandContext context, ShopClock clock, CancellationToken cancellationToken)
    {
        var now = clock.Now;
        product.Create(
            new(command.Sku, command.Name, command.Description, command.Price, command.Category, command.Attributes), now);
        context.Claim(Claim.Take("product-sku", command.Sku.Value, command.Product.ToString()));
        if (command.InitialQuantity == 0)
            return;
        var stock = await context.LoadOrNew<InventoryItem, InventoryItemId>(command.Stock(), cancellationToken);
        stock.Add(command.Product, WarehouseId.Main, command.InitialQuantity, "initial stock", now);
    }

    public static void Handle(ActivateProduct command, Product product, ShopClock clock) => product.Activate(clock.Now);

    public static void Handle(DiscontinueProduct command, Product product, ShopClock clock) => product.Discontinue(clock.Now);

    public static void Validate(UpdatePrice command, ValidationProblems problems) =>
        problems.Require(command.NewPrice.IsPositive(), "price", "A price is more than zero.");

    public static PriceUpdate Handle(UpdatePrice command, Product product, ShopClock clock) =>
        new(product.ChangePrice(command.NewPrice, clock.Now));

    public static void Handle(CategoriseProduct command, Product product, ShopClock clock) =>
        product.Categorise(command.Category, clock.Now);

    public static void Handle(SetProductAttribute command, Product product, ShopClock clock) =>
        product.SetAttribute(command.Attribute, command.Value, clock.Now);
}
