using System.Security.Claims;
using System.Text.Json;
using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Trust;

/// <summary>The endpoints that erase a customer, and return the certificate.</summary>
public static class ErasureEndpoints
{
    /// <summary>Maps the endpoints.</summary>
    /// <param name="routes">The routes of the shop.</param>
    /// <param name="isReadOnly">True to allow no erasure.</param>
    public static void MapErasures(this IEndpointRouteBuilder routes, bool isReadOnly)
    {
        const string Route = "/api/customers/{customer}/erasure";
        if (!isReadOnly)
            routes.MapPost(Route, Erase).RequireAccess("operate erasures.decide").ExcludeFromDescription();
        routes.MapGet(Route, Get).RequireAccess("operate erasures").ExcludeFromDescription();
        routes.MapGet($"{Route}/certificate", Download).RequireAccess("operate erasures").ExcludeFromDescription();
    }

    /// <summary>The body of a request.</summary>
    private sealed record EraseCustomer(string Reason);

    /// <summary>An erasure with the signed document of its certificate.</summary>
    private sealed record CustomerErasureView(string Id, string State, string? Refusal, JsonElement? Certificate);

    private static async Task<IResult> Erase(
        string customer, EraseCustomer body, CustomerErasure erasure, ClaimsPrincipal user, CancellationToken stopped)
    {
        if (string.IsNullOrWhiteSpace(body.Reason) || body.Reason.Length > TextLimits.Remark)
            return Results.Problem("Give a reason, of at most 1,000 characters.", statusCode: 400);
        var by = user.Identity?.Name ?? "the shop";
        return Results.Ok(ViewOf(await erasure.Run(CustomerId.Parse(customer), body.Reason, by, stopped)));
    }

    private static async Task<IResult> Get(
        string customer, CustomerErasure erasure, CancellationToken cancellationToken) =>
        await erasure.Find(CustomerId.Parse(customer), cancellationToken) is { } found
            ? Results.Ok(ViewOf(found))
            : Results.NoContent(); // Not an error: a page asks for every customer.

    private static async Task<IResult> Download(
        string customer, CustomerErasure erasure, CancellationToken cancellationToken) =>
        await erasure.Find(CustomerId.Parse(customer), cancellationToken) is { Certificate: { } certificate } found
            ? Results.File(
                System.Text.Encoding.UTF8.GetBytes(certificate.ToFile() + "\n"),
                "application/json",
                $"{found.Request.Id}.json")
            : Results.Problem("There is no certificate.", statusCode: 404);

    private static CustomerErasureView ViewOf(ErasureInfo erasure) => new(
        erasure.Request.Id,
        erasure.State.ToString(),
        erasure.Refusal,
        erasure.Certificate is { } certificate ? JsonElement.Parse(certificate.Content.Span) : null);
}
