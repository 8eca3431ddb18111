using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Orders;
using Millrace.Storage;

namespace Commerce.Api;

/// <summary><c>/api/inventory</c>.</summary>
public static class InventoryEndpoints
{
    public static void MapInventory(this IEndpointRouteBuilder routes)
    {
        var inventory = routes.MapGroup("/api/inventory").WithTags("Inventory");
        inventory.MapGet("", List).WithSummary("A page of stock, of a product or in a warehouse.");
        inventory.MapGet("/{id}", Get).WithSummary("The stock of one product in one warehouse.");
        inventory.MapPost("", Add).WithSummary("Brings stock into a warehouse.");
        inventory.MapPost("/remove", Remove).WithSummary("Takes stock out that nobody ordered.");
        inventory.MapPost("/{id}/reserve", Reserve).WithSummary("Keeps some for an order.");
        inventory.MapPost("/{id}/release", Release).WithSummary("Gives back what was kept.");
        inventory.MapPost("/{id}/commit", Commit).WithSummary("Hands out what was kept.");
    }

    private static async Task<IResult> List(
        IReadModel<InventoryItemId, StockView> stock,
        AfterToken after,
        [AsParameters] StockSearch search,
        CancellationToken cancellationToken)
    {
        var page = new PageRequest(search.Page, search.PageSize);
        var conditions = search.ToConditions();
        var query = new ReadQuery { Conditions = conditions, OrderBy = "available", Skip = page.Skip, Limit = page.Size };
        var found = await stock.Query(query, after, cancellationToken);
        var total = await stock.Count(conditions, cancellationToken: cancellationToken);
        return TypedResults.Ok(new Page<StockView>(found.Items, page.Number, page.Size, total.Value));
    }

    private static async Task<IResult> Get(
        string id, IReadModel<InventoryItemId, StockView> stock, AfterToken after, CancellationToken cancellationToken)
    {
        var found = await stock.Get(InventoryItemId.Parse(id), after, cancellationToken);
        return found.Value is { } item ? TypedResults.Ok(item) : Problems.NotFound("inventory item", id);
    }

    private static Task<IResult> Add(StockChange request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(
            new AddStock(request.Product, request.Warehouse ?? WarehouseId.Main, request.Quantity, request.Reason ?? "delivery"),
            http,
            cancellationToken);

    private static Task<IResult> Remove(StockChange request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(
            new RemoveStock(request.Product, request.Warehouse ?? WarehouseId.Main, request.Quantity, request.Reason ?? "written off"),
            http,
            cancellationToken);

    private static Task<IResult> Reserve(
        string id, Reservation request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new ReserveStock(InventoryItemId.Parse(id), request.Order, request.Quantity), http, cancellationToken);

    private static Task<IResult> Release(
        string id, Reservation request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new ReleaseStock(InventoryItemId.Parse(id), request.Order, request.Quantity), http, cancellationToken);

    private static Task<IResult> Commit(
        string id, Reservation request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new CommitStock(InventoryItemId.Parse(id), request.Order, request.Quantity), http, cancellationToken);
}

/// <summary>Which stock is wanted.</summary>
public sealed record StockSearch(
    string? Product,
    string? Warehouse,
    int? Page,
    [property: Microsoft.AspNetCore.Mvc.FromQuery(Name = "page_size")] int? PageSize)
{
    public IReadOnlyList<FieldCondition> ToConditions()
    {
        var conditions = new List<FieldCondition>();
        if (Product is not null)
            conditions.Add(new("product", Comparison.Equal, ProductId.Parse(Product).ToString()));
        if (Warehouse is not null)
            conditions.Add(new("warehouse", Comparison.Equal, WarehouseId.Parse(Warehouse).ToString()));
        return conditions;
    }
}

/// <summary>So many pieces of a product; in the main warehouse unless another is named.</summary>
public sealed record StockChange(ProductId Product, WarehouseId? Warehouse, int Quantity, string? Reason);

public sealed record Reservation(OrderId Order, int Quantity);
