using System.Security.Claims;
using Millrace.Security;

namespace Millrace.Commands;

/// <summary>
/// Finds the id of the user of a command, for its events and for the scope of its idempotency key. With access control,
/// this is the user whose permission is checked.
/// </summary>
/// <param name="claims">The configured claims; null without access control.</param>
/// <param name="requests">Finds the user of a request; null without access control and audit trail.</param>
internal sealed class CommandUsers(AccessClaims? claims, RequestUserFinder? requests)
{
    public static CommandUsers Default { get; } = new(null, null);

    public string? IdOf(SendOptions? options, IServiceProvider services)
    {
        if (options?.Metadata?.UserId is { } id)
            return id;
        return claims is null
            ? options?.User?.FindFirst(AccessClaims.DefaultUserId)?.Value
            : AccessSubject.Of(options?.User ?? requests?.Find(services), claims).UserId;
    }

    /// <summary>
    /// Returns the id of the user of a request, for the audit trail; null if the user has no id or there is no user.
    /// </summary>
    /// <param name="user">The given user; null for the user of the request in which the code runs.</param>
    /// <param name="services">The services of the scope.</param>
    /// <param name="isOfSystem">Whether there is neither a user nor a request, so that code acts for the
    /// system.</param>
    public string? AuditedIdOf(ClaimsPrincipal? user, IServiceProvider services, out bool isOfSystem)
    {
        var found = user ?? requests?.Find(services);
        isOfSystem = found is null;
        var id = claims is null
            ? (found?.FindFirst(AccessClaims.DefaultUserId) ?? found?.FindFirst(ClaimTypes.NameIdentifier))?.Value
            : AccessSubject.Of(found, claims).UserId;
        return id ?? found?.Identity?.Name;
    }
}
