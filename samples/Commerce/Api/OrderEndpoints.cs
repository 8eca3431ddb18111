using Commerce.Catalogue;
using Commerce.Orders;
using Millrace.Storage;

namespace Commerce.Api;

/// <summary><c>/api/orders</c>. An order is found by its id, and by the number that people know it by.</summary>
public static class OrderEndpoints
{
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/orders").WithTags("Orders");
        orders.MapGet("", List).WithSummary("A page of orders, the newest first; of a customer, with a number or in a state.");
        orders.MapGet("/{id}", Get).WithSummary("One order, by its id or its number.");
        orders.MapPost("", Create).WithSummary("Begins an order.");
        orders.MapPost("/{id}/items", AddItem).WithSummary("Adds pieces of a product.");
        orders.MapPut("/{id}/items/{product}", ChangeQuantity).WithSummary("Changes how many are wanted.");
        orders.MapDelete("/{id}/items/{product}", RemoveItem).WithSummary("Takes a product out.");
        orders.MapPost("/{id}/submit", Submit).WithSummary("Places the order: it gets its price, and stock is reserved.");
        orders.MapPost("/{id}/cancel", Cancel).WithSummary("Gives the order up: stock is released, money is paid back.");
        orders.MapPost("/{id}/process", Process).WithSummary("Begins to pack.");
        orders.MapPost("/{id}/ship", Ship).WithSummary("Hands it to the carrier.");
        orders.MapPost("/{id}/deliver", Deliver).WithSummary("It has arrived.");
        orders.MapPost("/{id}/returns", Return).WithSummary("Takes delivered goods back.");
    }

    private static async Task<IResult> List(
        IReadModel<OrderId, OrderView> orders,
        AfterToken after,
        [AsParameters] OrderSearch search,
        CancellationToken cancellationToken)
    {
        var page = new PageRequest(search.Page, search.PageSize);
        var conditions = search.ToConditions();
        var newest = new ReadQuery { OrderBy = "created", IsDescending = true, Skip = page.Skip, Limit = page.Size };
        var found = await orders.Query(newest with { Conditions = conditions }, after, cancellationToken);
        var total = await orders.Count(conditions, cancellationToken: cancellationToken);
        return TypedResults.Ok(new Page<OrderView>(found.Items, page.Number, page.Size, total.Value));
    }

    private static async Task<IResult> Get(
        string id, IReadModel<OrderId, OrderView> orders, AfterToken after, CancellationToken cancellationToken)
    {
        var order = OrderSearch.IsNumber(id)
            ? await Find(id, orders, after, cancellationToken)
            : (await orders.Get(OrderId.Parse(id), after, cancellationToken)).Value;
        return order is null ? Problems.NotFound("order", id) : TypedResults.Ok(order);
    }

    private static async Task<OrderView?> Find(
        string number, IReadModel<OrderId, OrderView> orders, AfterToken after, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { Conditions = [new("number", Comparison.Equal, number)], Limit = 1 };
        return (await orders.Query(query, after, cancellationToken)).Items is [var order] ? order : null;
    }

    private static async Task<IResult> Create(NewOrder request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken)
    {
        var command = new CreateOrder(OrderId.New(), request.Customer, request.Address, request.Items ?? []);
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        var answer = new OrderCreatedAnswer(command.Order, command.Order.ToNumber(), "The order was created.");
        return TypedResults.Created($"/api/orders/{command.Order}", answer);
    }

    private static Task<IResult> AddItem(
        string id, WantedItem item, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new AddItem(OrderId.Parse(id), item.Product, item.Quantity), http, "The item was added.", cancellationToken);

    private static Task<IResult> ChangeQuantity(
        string id, string product, NewQuantity request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(
            new ChangeQuantity(OrderId.Parse(id), ProductId.Parse(product), request.Quantity),
            http,
            "The quantity was changed.",
            cancellationToken);

    private static Task<IResult> RemoveItem(
        string id, string product, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new RemoveItem(OrderId.Parse(id), ProductId.Parse(product)), http, "The item was removed.", cancellationToken);

    private static Task<IResult> Submit(string id, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new SubmitOrder(OrderId.Parse(id)), http, cancellationToken);

    private static Task<IResult> Cancel(
        string id, Cancellation request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(
            new CancelOrder(OrderId.Parse(id), request.Reason, request.CancelledBy ?? "customer"),
            http,
            "The order was cancelled.",
            cancellationToken);

    private static Task<IResult> Process(string id, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new StartProcessing(OrderId.Parse(id)), http, "The order is being packed.", cancellationToken);

    private static Task<IResult> Ship(
        string id, Shipment request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new ShipOrder(OrderId.Parse(id), request.TrackingCode), http, "The order is on its way.", cancellationToken);

    private static Task<IResult> Deliver(string id, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new DeliverOrder(OrderId.Parse(id)), http, "The order has arrived.", cancellationToken);

    private static Task<IResult> Return(
        string id, GoodsBack request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new ReturnItems(OrderId.Parse(id), request.Items, request.Reason), http, cancellationToken);
}
