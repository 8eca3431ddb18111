using System.Security.Claims;
using Commerce.Customers;
using Commerce.Operating;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Commerce.Access;

/// <summary>
/// Signs users of this machine in with a role of their choice and no password. This is only for the demonstration: an
/// application has a real login, which issues the same claims. The rights are enforced as for any other user.
/// </summary>
public static class DemoSession
{
    public const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    private const string IdClaim = "sub";
    private const string NameClaim = "name";
    private const string RoleClaim = "role";

    /// <summary>The route of the session.</summary>
    public static void MapDemoSession(this IEndpointRouteBuilder routes, ShopOptions options)
    {
        routes.MapGet("/api/session", (HttpContext http) => Results.Ok(ViewOf(http.User) with
        {
            Choices = options.AllowsDemoSignIn ? ShopRoles.OfPeople : [],
            IsReadOnly = options.IsReadOnly,
        })).ExcludeFromDescription();
        if (options.AllowsDemoSignIn)
            routes.MapPost("/api/session", SignIn).ExcludeFromDescription();
        routes.MapDelete("/api/session", SignOut).ExcludeFromDescription();
    }

    /// <summary>Returns the id of the customer who is signed in; null for other users.</summary>
    public static CustomerId? CustomerOf(HttpContext http) =>
        http.User.IsInRole(ShopRoles.Customer)
        && CustomerId.TryParse(http.User.FindFirst(IdClaim)?.Value, null, out var id)
            ? id
            : null;

    /// <summary>Returns a user with roles.</summary>
    public static ClaimsPrincipal UserOf(string id, string name, IEnumerable<string> roles) => new(
        new ClaimsIdentity(
            [
                new System.Security.Claims.Claim(IdClaim, id),
                new System.Security.Claims.Claim(NameClaim, name),
                .. roles.Select(role => new System.Security.Claims.Claim(RoleClaim, role)),
            ],
            Scheme,
            NameClaim,
            RoleClaim));

    private static async Task<IResult> SignIn(
        NewSession wanted,
        HttpContext http,
        IReadModel<CustomerId, CustomerView> customers,
        CancellationToken cancellationToken)
    {
        if (LocalUser.FindRefusal(http) is { } reason)
            return Results.Problem(reason, statusCode: StatusCodes.Status403Forbidden);
        if (wanted.Roles is not { Count: > 0 } roles || roles.Except(ShopRoles.OfPeople).Any())
            return Results.Problem(
                $"Choose one or more roles of {string.Join(", ", ShopRoles.OfPeople)}.",
                statusCode: StatusCodes.Status400BadRequest);
        var id = $"demo-{string.Join('-', roles)}";
        if (roles.Contains(ShopRoles.Customer))
        {
            if ((wanted.Customer ?? await NewestCustomer(customers, cancellationToken)) is not { } customer)
                return Results.Problem("There is no customer yet.", statusCode: StatusCodes.Status409Conflict);
            id = customer.ToString();
        }
        var user = UserOf(id, roles.Contains(ShopRoles.Operator) ? LocalUser.Name : roles[^1], roles);
        await http.SignInAsync(Scheme, user);
        return Results.Ok(ViewOf(user));
    }

    private static Task SignOut(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return http.SignOutAsync(Scheme);
    }

    private static async Task<CustomerId?> NewestCustomer(
        IReadModel<CustomerId, CustomerView> customers, CancellationToken cancellationToken)
    {
        var query = new ReadQuery { OrderBy = "created", IsDescending = true, Limit = 100 };
        return (await customers.Query(query, default, cancellationToken)).Items
            .FirstOrDefault(customer => !customer.IsClosed)?.Id;
    }

    private static SessionView ViewOf(ClaimsPrincipal user) => new(
        user.FindFirst(IdClaim)?.Value,
        user.Identity?.Name,
        [.. user.FindAll(RoleClaim).Select(claim => claim.Value)],
        ShopRoles.OfPeople);

    /// <summary>The body of a sign-in.</summary>
    /// <param name="Roles">The roles.</param>
    /// <param name="Customer">The customer of the role customer; null for the newest one.</param>
    private sealed record NewSession(IReadOnlyList<string>? Roles, CustomerId? Customer = null);

    /// <summary>The user who is signed in.</summary>
    /// <param name="Id">The id; null for a visitor.</param>
    /// <param name="Choices">The roles that can be chosen; none if the sign-in is switched off.</param>
    /// <param name="IsReadOnly">True when the shop allows no decisions.</param>
    private sealed record SessionView(
        string? Id,
        string? Name,
        IReadOnlyList<string> Roles,
        IReadOnlyList<string> Choices,
        bool IsReadOnly = false);
}
