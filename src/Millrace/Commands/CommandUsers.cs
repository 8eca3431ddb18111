using System.Security.Claims;
using Millrace.Security;

namespace Millrace.Commands;

/// <summary>
/// Finds the id of the user of a command, for its events and for the scope of its idempotency key. With access control,
/// this is the user whose permission is checked.
/// </summary>
/// <param name="claims">The configured claims; null without access control.</param>
/// <param name="requests">Finds the user of a request; null without access control, audit trail and query
/// cache.</param>
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

    /// <summary>
    /// Returns a text that differs for all users: the id and its issuers. Null if the user has no single id, is not
    /// signed in, or if there is no user. A name is not such an id, because two users can have the same.
    /// </summary>
    /// <param name="user">The given user; null for the user of the request in which the code runs.</param>
    /// <param name="services">The services of the scope.</param>
    /// <param name="hasNoUser">Whether neither a user nor the user of a request is known.</param>
    public string? UniqueIdOf(ClaimsPrincipal? user, IServiceProvider services, out bool hasNoUser)
    {
        var found = user ?? requests?.Find(services);
        hasNoUser = found is null;
        var types = claims ?? AccessClaims.Default;
        if (AccessSubject.Of(found, types).UserId is not { } id)
            return null;
        var issuers = found!.Identities // A user with an id is known.
            .Where(static identity => identity.IsAuthenticated)
            .SelectMany(static identity => identity.Claims)
            .Where(claim => claim.Value == id && (claim.Type == types.UserId || types.IsRenamedUserId(claim.Type)))
            .Select(static claim => claim.Issuer)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return $"{id.Length}:{id}{string.Join('\n', issuers)}";
    }
}
