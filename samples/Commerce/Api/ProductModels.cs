using System.Globalization;
using Commerce.Catalogue;
using Commerce.SharedKernel;
using Microsoft.AspNetCore.Mvc;
using Millrace.Storage;

namespace Commerce.Api;

/// <summary>What products are searched for.</summary>
public sealed record ProductSearch(
    string? Category,
    [property: FromQuery(Name = "min_price")] decimal? MinPrice,
    [property: FromQuery(Name = "max_price")] decimal? MaxPrice,
    bool? Available,
    ProductStatus? Status,
    int? Page,
    [property: FromQuery(Name = "page_size")] int? PageSize)
{
    public IReadOnlyList<FieldCondition> ToConditions()
    {
        var conditions = new List<FieldCondition>();
        if (Category is not null)
            conditions.Add(new("category", Comparison.Equal, Category));
        if (MinPrice is { } least)
            conditions.Add(new("price", Comparison.GreaterOrEqual, least));
        if (MaxPrice is { } most)
            conditions.Add(new("price", Comparison.LessOrEqual, most));
        if (Available == true)
            conditions.Add(new("available", Comparison.Greater, 0));
        if (Status is { } status)
            conditions.Add(new("status", Comparison.Equal, status.ToString()));
        return conditions;
    }
}

/// <summary>A new product.</summary>
/// <param name="Sku">The article's code; one is made when it is missing.</param>
/// <param name="Currency">GBP when it is missing.</param>
public sealed record NewProduct(
    string Name,
    string? Description,
    decimal Price,
    string? Currency,
    int InitialQuantity,
    string? Category,
    string? Sku,
    IReadOnlyDictionary<string, string>? Attributes)
{
    public CreateProduct ToCommand()
    {
        var id = ProductId.New();
        var sku = Sku ?? "P" + id.Value.ToString("N", CultureInfo.InvariantCulture)[20..].ToUpperInvariant();
        return new CreateProduct(
            id,
            Catalogue.Sku.From(sku),
            Name,
            Description ?? "",
            new Money(Price, Currency ?? Money.Pounds),
            InitialQuantity,
            Category ?? "",
            Attributes ?? new Dictionary<string, string>());
    }
}

public sealed record NewPrice(decimal Price, string? Currency);

public sealed record NewCategory(string Category);

public sealed record ProductCreatedAnswer(ProductId ProductId, string Message);

/// <summary>A product in a list.</summary>
public sealed record ProductListItem(
    ProductId Id, string Sku, string Name, decimal Price, string Currency, string Category, ProductStatus Status, int Available)
{
    public static ProductListItem Of(ProductView product) => new(
        product.Id, product.Sku, product.Name, product.Price, product.Currency, product.Category, product.Status, product.Available);
}

/// <summary>A product with all there is to say about it.</summary>
public sealed record ProductDetail(
    ProductId Id,
    string Sku,
    string Name,
    string Description,
    decimal Price,
    string Currency,
    int AvailableQuantity,
    ProductStatus Status,
    string CategoryName,
    IReadOnlyDictionary<string, string> Attributes,
    DateTimeOffset Created)
{
    public static ProductDetail Of(ProductView product) => new(
        product.Id,
        product.Sku,
        product.Name,
        product.Description,
        product.Price,
        product.Currency,
        product.Available,
        product.Status,
        product.Category,
        product.Attributes,
        product.Created);
}
