using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Catalogue;

public sealed record GetProduct(ProductId Product) : IQuery<ProductDetail?>;

/// <summary>Searches products. The results are ordered by name.</summary>
/// <param name="Available">True for products in stock only.</param>
public sealed record ListProducts(
    string? Category = null,
    decimal? MinPrice = null,
    decimal? MaxPrice = null,
    bool Available = false,
    int Page = 1,
    int PageSize = Page.DefaultSize) : IQuery<ProductPage>;

/// <summary>Lists the categories with products that customers can buy, ordered by name.</summary>
public sealed record ListCategories : IQuery<IReadOnlyList<ProductCategory>>;

/// <summary>A page of products and the total count.</summary>
public sealed record ProductPage(IReadOnlyList<ProductListItem> Items, int Page, int PageSize, long Total);

/// <summary>A product in a list.</summary>
public sealed record ProductListItem(
    ProductId Id,
    string Sku,
    string Name,
    decimal Price,
    string Currency,
    string Category,
    ProductStatus Status,
    long Available);

/// <summary>A product with all its details.</summary>
public sealed record ProductDetail(
    ProductId Id,
    string Sku,
    string Name,
    string Description,
    decimal Price,
    string Currency,
    long AvailableQuantity,
    ProductStatus Status,
    string CategoryName,
    IReadOnlyDictionary<string, string> Attributes,
    DateTimeOffset Created);

/// <summary>Handles the queries about products from the read model.</summary>
public static class ProductQueries
{
    private const int MaxCategories = 1_000;

    public static async Task<ProductDetail?> Handle(
        GetProduct query,
        IReadModel<ProductId, ProductView> products,
        QueryContext context,
        CancellationToken cancellationToken) =>
        await products.Get(query.Product, context, cancellationToken) is not { } view
            ? null
            : new ProductDetail(
                view.Id,
                view.Sku,
                view.Name,
                view.Description,
                view.Price,
                view.Currency,
                view.Available,
                view.Status,
                view.Category,
                view.Attributes,
                view.Created);

    public static async Task<ProductPage> Handle(
        ListProducts query,
        IReadModel<ProductId, ProductView> products,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        Page.Require(query.Page, query.PageSize);
        var conditions = ConditionsOf(query);
        var readQuery = new ReadQuery
        {
            Conditions = conditions,
            OrderBy = "name",
            Skip = Page.Skip(query.Page, query.PageSize),
            Limit = query.PageSize,
        };
        var page = await products.Query(readQuery, context, cancellationToken);
        var total = await products.Count(conditions, context, cancellationToken);
        return new ProductPage([.. page.Items.Select(ItemOf)], query.Page, query.PageSize, total);
    }

    public static async Task<IReadOnlyList<ProductCategory>> Handle(
        ListCategories query,
        IMaterializedView<string, ProductCategory> categories,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        var byName = new ReadQuery { OrderBy = "name", Limit = MaxCategories };
        return (await categories.Query(byName, context, cancellationToken)).Items;
    }

    private static List<FieldCondition> ConditionsOf(ListProducts query)
    {
        var conditions = new List<FieldCondition>();
        if (query.Category is not null)
            conditions.Add(new("category", Comparison.Equal, query.Category));
        if (query.MinPrice is { } minPrice)
            conditions.Add(new("price", Comparison.GreaterOrEqual, minPrice));
        if (query.MaxPrice is { } maxPrice)
            conditions.Add(new("price", Comparison.LessOrEqual, maxPrice));
        if (query.Available)
            conditions.Add(new("available", Comparison.Greater, 0));
        return conditions;
    }

    private static ProductListItem ItemOf(ProductView view) =>
        new(view.Id, view.Sku, view.Name, view.Price, view.Currency, view.Category, view.Status, view.Available);
}
