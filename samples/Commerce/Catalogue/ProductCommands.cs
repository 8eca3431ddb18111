using System.Globalization;
using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>Puts a new product into the catalogue, as a draft, and orders its first stock.</summary>
/// <param name="Sku">The article's code; one is made from the id when it is missing.</param>
/// <param name="Product">The new product's id, given by whoever sends the command.</param>
public sealed record CreateProduct(
    string Name,
    decimal Price,
    string Currency = Money.Pounds,
    int InitialQuantity = 0,
    string Description = "",
    string Category = "",
    Sku? Sku = null,
    IReadOnlyDictionary<string, string>? Attributes = null,
    ProductId Product = default) : ICommand<ProductAnswer>
{
    public ProductDescription Describe()
    {
        var sku =
            Sku
            ?? Catalogue.Sku.From(
                "P" + Product.Value.ToString("N", CultureInfo.InvariantCulture)[20..].ToUpperInvariant());
        return new(
            sku,
            Name,
            Description,
            new Money(Price, Currency),
            Category,
            Attributes ?? new Dictionary<string, string>());
    }
}

/// <summary>Has the inventory take in what was ordered with the product, which the process of its first
/// stock asks for once.</summary>
public sealed record BringFirstStock(ProductId Product) : ICommand<StockLevel>;

public sealed record ActivateProduct(ProductId Product) : ICommand<ProductAnswer>;

public sealed record DiscontinueProduct(ProductId Product) : ICommand<ProductAnswer>;

/// <summary>Changes a price; an equal price changes nothing.</summary>
public sealed record UpdatePrice(ProductId Product, decimal Price, string Currency = Money.Pounds)
    : ICommand<ProductAnswer>;

public sealed record CategoriseProduct(ProductId Product, string Category) : ICommand<ProductAnswer>;

public sealed record SetProductAttribute(ProductId Product, string Attribute, string? Value) : ICommand<ProductAnswer>;

/// <summary>What was done, in words.</summary>
public sealed record ProductAnswer(ProductId ProductId, string Message);
