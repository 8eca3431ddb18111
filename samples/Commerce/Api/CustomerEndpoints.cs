using Commerce.Customers;

namespace Commerce.Api;

/// <summary><c>/api/customers</c>.</summary>
public static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder routes)
    {
        var customers = routes.MapGroup("/api/customers").WithTags("Customers");
        customers.MapPost("", Register).WithSummary("Registers a customer; user names are unique.");
        customers.MapGet("/{id}", Get).WithSummary("One customer.");
        customers.MapPut("/{id}/email", ChangeEmail).WithSummary("Changes an e-mail address.");
    }

    private static async Task<IResult> Register(NewCustomer request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken)
    {
        var command = new RegisterCustomer(CustomerId.New(), request.Username, request.Email);
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        var answer = new CustomerRegisteredAnswer(command.Customer, "The customer was registered.");
        return TypedResults.Created($"/api/customers/{command.Customer}", answer);
    }

    private static async Task<IResult> Get(
        string id, IReadModel<CustomerId, CustomerView> customers, AfterToken after, CancellationToken cancellationToken)
    {
        var found = await customers.Get(CustomerId.Parse(id), after, cancellationToken);
        return found.Value is { } customer ? TypedResults.Ok(customer) : Problems.NotFound("customer", id);
    }

    private static Task<IResult> ChangeEmail(
        string id, NewEmail request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(
            new ChangeCustomerEmail(CustomerId.Parse(id), request.Email), http, "The e-mail address was changed.", cancellationToken);
}

public sealed record NewCustomer(Username Username, SharedKernel.Email Email);

public sealed record NewEmail(SharedKernel.Email Email);

public sealed record CustomerRegisteredAnswer(CustomerId CustomerId, string Message);
