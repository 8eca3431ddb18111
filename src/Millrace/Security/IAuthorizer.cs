using System.Security.Claims;

namespace Millrace;

/// <summary>
/// Decides who may send a command or ask a query. Register as many as needed as services: all must allow. Without any,
/// everything is allowed.
/// </summary>
public interface IAuthorizer
{
    /// <summary>Allows or denies; asked after validation and before anything is loaded.</summary>
    ValueTask<AccessDecision> Decide(AccessRequest request, CancellationToken cancellationToken);
}

/// <summary>What somebody wants to do.</summary>
/// <param name="Name">The stable name of the command or query.</param>
/// <param name="Message">The command or query itself.</param>
/// <param name="User">On whose behalf; null when nobody is named.</param>
public sealed record AccessRequest(string Name, object Message, ClaimsPrincipal? User)
{
    /// <summary>True when a user is named and known.</summary>
    public bool IsAuthenticated => User?.Identity?.IsAuthenticated == true;
}

/// <summary>Whether something is allowed, and if not, why.</summary>
public readonly record struct AccessDecision
{
    private AccessDecision(string? reason, bool isAllowed) => (Reason, IsAllowed) = (reason, isAllowed);

    /// <summary>It is allowed.</summary>
    public static AccessDecision Allowed => new(null, isAllowed: true);

    /// <summary>Whether it is; the default value denies.</summary>
    public bool IsAllowed { get; }

    /// <summary>Why not, for people.</summary>
    public string? Reason { get; }

    /// <summary>It is denied.</summary>
    /// <param name="reason">Why, for people.</param>
    public static AccessDecision Denied(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new AccessDecision(reason, isAllowed: false);
    }
}

/// <summary>A command or query is not allowed. Nothing was loaded or written.</summary>
public sealed class AccessDeniedException(string name, string reason, bool isAuthenticated)
    : MillraceException($"'{name}' is not allowed: {reason}")
{
    /// <summary>The stable name of the command or query.</summary>
    public string Name { get; } = name;

    /// <summary>Why.</summary>
    public string Reason { get; } = reason;

    /// <summary>False when nobody known asked, so that signing in may help.</summary>
    public bool IsAuthenticated { get; } = isAuthenticated;
}
