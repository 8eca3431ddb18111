using System.Text.Json.Serialization;

namespace Commerce.Catalogue;

/// <summary>The products of a category that customers can buy.</summary>
/// <param name="Products">The number of products.</param>
/// <param name="Available">Their available quantity in all warehouses.</param>
public sealed record ProductCategory(
    [property: Indexed] string Name, [property: Indexed] long Products, [property: Indexed] decimal Available);

/// <summary>
/// Counts the products of each category. The counts change in the commits that change the products, so a customer who
/// has just seen a product finds it in the counts.
/// </summary>
public sealed class ProductCategories() : GroupedView<ProductId, ProductView, string, ProductCategory>(
    "product-categories")
{
    protected override bool Includes(ProductView document) => document.Status == ProductStatus.Active;

    protected override string Group(ProductView document) => document.Category;

    protected override IReadOnlyList<decimal> Values(ProductView document) => [document.Available];

    protected override ProductCategory Row(string group, GroupTotals totals) =>
        new(group, totals.Count, totals.Sum(0));
}

/// <summary>The JSON of the stored rows.</summary>
[JsonSerializable(typeof(ProductCategory))]
internal sealed partial class ProductCategoryJson : JsonSerializerContext;
