using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>Puts a new product into the catalogue, as a draft, with its first stock.</summary>
public sealed record CreateProduct(
    ProductId Product,
    Sku Sku,
    string Name,
    string Description,
    Money Price,
    int InitialQuantity,
    string Category,
    IReadOnlyDictionary<string, string> Attributes) : ICommand
{
    public InventoryItemId Stock() => InventoryItemId.Of(Product, WarehouseId.Main);
}

public sealed record ActivateProduct(ProductId Product) : ICommand;

public sealed record DiscontinueProduct(ProductId Product) : ICommand;

/// <summary>Changes a price; answers whether it was another one.</summary>
public sealed record UpdatePrice(ProductId Product, Money NewPrice) : ICommand<PriceUpdate>;

public sealed record CategoriseProduct(ProductId Product, string Category) : ICommand;

public sealed record SetProductAttribute(ProductId Product, string Attribute, string? Value) : ICommand;

/// <summary>What became of a price.</summary>
public sealed record PriceUpdate(bool Changed);
