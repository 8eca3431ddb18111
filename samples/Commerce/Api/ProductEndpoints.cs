using Commerce.Catalogue;
using Commerce.SharedKernel;

namespace Commerce.Api;

/// <summary><c>/api/products</c>.</summary>
public static class ProductEndpoints
{
    public static void MapProducts(this IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/api/products").WithTags("Catalogue");
        products.MapGet("", List).WithSummary("A page of products, ordered by name.");
        products.MapGet("/{id}", Get).WithSummary("One product.");
        products.MapPost("", Create).WithSummary("Puts a new product into the catalogue, as a draft.");
        products.MapPut("/{id}/price", UpdatePrice).WithSummary("Changes a price; an equal one changes nothing.");
        products.MapPost("/{id}/activate", Activate).WithSummary("Puts a draft on sale.");
        products.MapPost("/{id}/discontinue", Discontinue).WithSummary("Takes a product off sale for good.");
        products.MapPut("/{id}/category", Categorise).WithSummary("Moves a product to another category.");
    }

    private static async Task<IResult> List(
        IReadModel<ProductId, ProductView> products,
        AfterToken after,
        [AsParameters] ProductSearch search,
        CancellationToken cancellationToken)
    {
        var page = new PageRequest(search.Page, search.PageSize);
        var conditions = search.ToConditions();
        var found = await products.Query(
            new ReadQuery { Conditions = conditions, OrderBy = "name", Skip = page.Skip, Limit = page.Size }, after, cancellationToken);
        var total = await products.Count(conditions, cancellationToken: cancellationToken);
        return TypedResults.Ok(new Page<ProductListItem>([.. found.Items.Select(ProductListItem.Of)], page.Number, page.Size, total.Value));
    }

    private static async Task<IResult> Get(
        string id, IReadModel<ProductId, ProductView> products, AfterToken after, CancellationToken cancellationToken)
    {
        var found = await products.Get(ProductId.Parse(id), after, cancellationToken);
        return found.Value is { } product ? TypedResults.Ok(ProductDetail.Of(product)) : Problems.NotFound("product", id);
    }

    private static async Task<IResult> Create(NewProduct request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken)
    {
        var command = request.ToCommand();
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        var answer = new ProductCreatedAnswer(command.Product, "The product was created.");
        return TypedResults.Created($"/api/products/{command.Product}", answer);
    }

    private static async Task<IResult> UpdatePrice(
        string id, NewPrice request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken)
    {
        var price = new Money(request.Price, request.Currency ?? Money.Pounds);
        var result = await bus.Send(new UpdatePrice(ProductId.Parse(id), price), cancellationToken);
        http.Answer(result.Token);
        return TypedResults.Ok(new Answer(result.Value.Changed ? "The price was changed." : "no change"));
    }

    private static Task<IResult> Activate(string id, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new ActivateProduct(ProductId.Parse(id)), http, "The product is on sale.", cancellationToken);

    private static Task<IResult> Discontinue(string id, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new DiscontinueProduct(ProductId.Parse(id)), http, "The product is no longer sold.", cancellationToken);

    private static Task<IResult> Categorise(
        string id, NewCategory request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new CategoriseProduct(ProductId.Parse(id), request.Category), http, "The product was moved.", cancellationToken);
}
