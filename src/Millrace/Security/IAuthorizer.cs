using System.Security.Claims;

namespace Millrace;

/// <summary>
/// Decides whether a user may send a command or a query. Register any number of authorizers as services. All
/// authorizers must allow a request. Without authorizers, every request is allowed.
/// </summary>
public interface IAuthorizer
{
    /// <summary>Allows or denies a request. Called after validation and before anything is loaded.</summary>
    ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken);
}

/// <summary>A request for access.</summary>
/// <param name="Name">The stable name of the command or query.</param>
/// <param name="Message">The command or query itself.</param>
/// <param name="User">The user; null if there is no user.</param>
public sealed record AccessRequest(string Name, object Message, ClaimsPrincipal? User)
{
    /// <summary>Gets whether there is an authenticated user.</summary>
    public bool IsAuthenticated => User?.Identity?.IsAuthenticated == true;
}
