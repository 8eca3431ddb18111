using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>Handles all commands about products. The bus loads and saves the product.</summary>
public static class ProductHandlers
{
    public static void Validate(CreateProduct command, ValidationProblems problems)
    {
        problems.Require(!string.IsNullOrWhiteSpace(command.Name), "name", "A product needs a name.");
        problems.Require(command.Price > 0, "price", "A price is more than zero.");
        problems.Require(command.InitialQuantity >= 0, "initialQuantity", "A quantity is never below zero.");
        problems.RequireShort(command.Name, TextLimits.Name, "name");
        problems.RequireShort(command.Category, TextLimits.Name, "category");
        problems.RequireShort(command.Description, TextLimits.Description, "description");
        foreach (var (attribute, value) in command.Attributes ?? new Dictionary<string, string>())
        {
            problems.RequireShort(attribute, TextLimits.Name, "attributes");
            problems.RequireShort(value, TextLimits.Remark, "attributes");
        }
    }

    public static ProductAnswer Handle(
        CreateProduct command,
        [New] Product product,
        CommandContext context,
        ShopClock clock)
    {
        var description = command.Describe();
        product.Create(description, clock.Now);
        context.Claim(Claim.Acquire("product-sku", description.Sku.Value, product.Id.ToString()));
        if (command.InitialQuantity > 0)
            product.OrderFirstStock(command.InitialQuantity, clock.Now);
        return new ProductAnswer(product.Id, "The product was created.");
    }

    public static Task<StockLevel> Handle(
        BringFirstStock command,
        Product product,
        IStockService stock,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        var delivery = new StockDelivery(product.Id, product.FirstStock, "initial stock", WarehouseId.Main);
        return stock.Add(delivery, $"initial-{product.Id}", context, cancellationToken);
    }

    public static ProductAnswer Handle(ActivateProduct command, Product product, ShopClock clock)
    {
        product.Activate(clock.Now);
        return new ProductAnswer(product.Id, "The product is on sale.");
    }

    public static ProductAnswer Handle(DiscontinueProduct command, Product product, ShopClock clock)
    {
        product.Discontinue(clock.Now);
        return new ProductAnswer(product.Id, "The product is no longer sold.");
    }

    public static void Validate(UpdatePrice command, ValidationProblems problems) =>
        problems.Require(command.Price > 0, "price", "A price is more than zero.");

    public static ProductAnswer Handle(UpdatePrice command, Product product, ShopClock clock)
    {
        var isChanged = product.ChangePrice(new Money(command.Price, command.Currency), clock.Now);
        return new ProductAnswer(product.Id, isChanged ? "The price was changed." : "no change");
    }

    public static void Validate(CategoriseProduct command, ValidationProblems problems) =>
        problems.RequireShort(command.Category, TextLimits.Name, "category");

    public static ProductAnswer Handle(CategoriseProduct command, Product product, ShopClock clock)
    {
        product.Categorise(command.Category, clock.Now);
        return new ProductAnswer(product.Id, "The product was moved.");
    }

    public static void Validate(SetProductAttribute command, ValidationProblems problems)
    {
        problems.RequireShort(command.Attribute, TextLimits.Name, "attribute");
        problems.RequireShort(command.Value, TextLimits.Remark, "value");
    }

    public static ProductAnswer Handle(SetProductAttribute command, Product product, ShopClock clock)
    {
        product.SetAttribute(command.Attribute, command.Value, clock.Now);
        return new ProductAnswer(product.Id, "The attribute was set.");
    }
}
