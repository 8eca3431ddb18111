using Commerce.Inventory;

namespace Commerce.Catalogue;

/// <summary>A product as customers see it.</summary>
/// <param name="Available">The available quantity in all warehouses.</param>
public sealed record ProductView(
    ProductId Id,
    string Sku,
    [property: Indexed] string Name,
    string Description,
    [property: Indexed] decimal Price,
    string Currency,
    [property: Indexed] string Category,
    [property: Indexed] ProductStatus Status,
    IReadOnlyDictionary<string, string> Attributes,
    [property: Indexed] long Available,
    IReadOnlyDictionary<string, int> Stock,
    DateTimeOffset Created);

[Projection("products")]
public sealed partial class ProductProjection : Projection<ProductId, ProductView>
{
    public static ProductId Key(ProductCreated created) => created.Product;

    public static ProductView Apply(ProductView? view, ProductCreated created) => new(
        created.Product,
        created.Sku.Value,
        created.Name,
        created.Description,
        created.Price.Amount,
        created.Price.Currency,
        created.Category,
        ProductStatus.Draft,
        created.Attributes,
        0,
        new Dictionary<string, int>(),
        created.OccurredAt);

    public static ProductId Key(ProductActivated activated) => activated.Product;

    public static ProductView? Apply(ProductView? view, ProductActivated activated) =>
        view is null ? null : view with { Status = ProductStatus.Active };

    public static ProductId Key(ProductDiscontinued discontinued) => discontinued.Product;

    public static ProductView? Apply(ProductView? view, ProductDiscontinued discontinued) =>
        view is null ? null : view with { Status = ProductStatus.Discontinued };

    public static ProductId Key(ProductPriceUpdated updated) => updated.Product;

    public static ProductView? Apply(ProductView? view, ProductPriceUpdated updated) =>
        view is null ? null : view with { Price = updated.NewPrice.Amount };

    public static ProductId Key(ProductCategorised categorised) => categorised.Product;

    public static ProductView? Apply(ProductView? view, ProductCategorised categorised) =>
        view is null ? null : view with { Category = categorised.Category };

    public static ProductId Key(ProductAttributeSet set) => set.Product;

    public static ProductView? Apply(ProductView? view, ProductAttributeSet set)
    {
        if (view is null)
            return null;
        var attributes = new Dictionary<string, string>(view.Attributes, StringComparer.Ordinal);
        if (set.Value is null)
            attributes.Remove(set.Attribute);
        else
            attributes[set.Attribute] = set.Value;
        return view with { Attributes = attributes };
    }

    public static ProductId Key(ProductStockChanged changed) => changed.Product;

    public static ProductView? Apply(ProductView? view, ProductStockChanged changed)
    {
        if (view is null)
            return null;
        var stock = new Dictionary<string, int>(view.Stock, StringComparer.Ordinal);
        stock[changed.Warehouse.ToString()] = changed.NewAvailable;
        return view with { Stock = stock, Available = stock.Values.Sum(available => (long)available) };
    }
}
