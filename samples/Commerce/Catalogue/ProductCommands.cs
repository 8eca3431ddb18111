using System.Globalization;
using Commerce.Inventory;
using Commerce.SharedKernel;

namespace Commerce.Catalogue;

/// <summary>Adds a new product to the catalogue, as a draft, and orders its first stock.</summary>
/// <param name="Sku">The article's code; derived from the id when it is missing.</param>
/// <param name="Product">The id of the new product, given by the sender of the command.</param>
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

/// <summary>Adds the first stock of a product to the inventory. Sent once by the first-stock process.</summary>
public sealed record BringFirstStock(ProductId Product) : ICommand<StockLevel>;

public sealed record ActivateProduct(ProductId Product) : ICommand<ProductAnswer>;

public sealed record DiscontinueProduct(ProductId Product) : ICommand<ProductAnswer>;

/// <summary>Changes a price. An equal price changes nothing.</summary>
public sealed record UpdatePrice(ProductId Product, decimal Price, string Currency = Money.Pounds)
    : ICommand<ProductAnswer>;

public sealed record CategoriseProduct(ProductId Product, string Category) : ICommand<ProductAnswer>;

public sealed record SetProductAttribute(ProductId Product, string Attribute, string? Value) : ICommand<ProductAnswer>;

/// <summary>The answer to a command: the id of the product, and a message for the user.</summary>
public sealed record ProductAnswer(ProductId ProductId, string Message);
