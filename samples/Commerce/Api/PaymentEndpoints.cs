using Commerce.Orders;
using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Api;

/// <summary><c>/api/payments</c>.</summary>
public static class PaymentEndpoints
{
    public static void MapPayments(this IEndpointRouteBuilder routes)
    {
        var payments = routes.MapGroup("/api/payments").WithTags("Payments");
        payments.MapPost("", Pay).WithSummary("Pays a submitted order.");
        payments.MapPost("/refused", Refuse).WithSummary("The bank has refused to pay a submitted order.");
        payments.MapGet("/{id}", Get).WithSummary("One payment.");
    }

    private static async Task<IResult> Pay(NewPayment request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken)
    {
        var amount = new Money(request.Amount, request.Currency ?? Money.Pounds);
        var command = new PayOrder(request.Order, PaymentId.New(), amount, request.Method ?? "card", request.TransactionId);
        var result = await bus.Send(command, cancellationToken);
        http.Answer(result.Token);
        return TypedResults.Created($"/api/payments/{command.Payment}", result.Value);
    }

    private static Task<IResult> Refuse(RefusedPayment request, ICommandBus bus, HttpContext http, CancellationToken cancellationToken) =>
        bus.Do(new RefusePayment(request.Order, PaymentId.New(), request.Error), http, "The payment failed.", cancellationToken);

    private static async Task<IResult> Get(
        string id, IReadModel<PaymentId, PaymentView> payments, AfterToken after, CancellationToken cancellationToken)
    {
        var found = await payments.Get(PaymentId.Parse(id), after, cancellationToken);
        return found.Value is { } payment ? TypedResults.Ok(payment) : Problems.NotFound("payment", id);
    }
}

/// <summary>A payment that the bank has made.</summary>
public sealed record NewPayment(OrderId Order, decimal Amount, string? Currency, string? Method, string TransactionId);

public sealed record RefusedPayment(OrderId Order, string Error);
