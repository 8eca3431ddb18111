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

/// <summary>The decision of an authorizer, with a reason if access is denied.</summary>
public readonly record struct AccessDecision
{
    private AccessDecision(string? reason, bool isAllowed)
    {
        Reason = reason;
        IsAllowed = isAllowed;
    }

    /// <summary>Gets a decision that allows access.</summary>
    public static AccessDecision Allowed => new(null, isAllowed: true);

    /// <summary>Gets whether access is allowed. The default value of the struct denies access.</summary>
    public bool IsAllowed { get; }

    /// <summary>Gets the reason for a denial, as a message for users; null if access is allowed.</summary>
    public string? Reason { get; }

    /// <summary>Creates a decision that denies access.</summary>
    /// <param name="reason">The reason, as a message for users.</param>
    public static AccessDecision Denied(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new AccessDecision(reason, isAllowed: false);
    }
}

/// <summary>Thrown when a user may not send a command or query. The request loaded and wrote nothing.</summary>
public sealed class AccessDeniedException(string name, string reason, bool isAuthenticated)
    : MillraceException($"'{name}' is not allowed: {reason}")
{
    /// <summary>Gets the stable name of the command or query.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>
    /// Gets whether the user was authenticated. If not, the request may be allowed after the user signs in.
    /// </summary>
    public bool IsAuthenticated { get; } = isAuthenticated;
}
