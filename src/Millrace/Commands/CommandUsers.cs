using Millrace.Security;

namespace Millrace.Commands;

/// <summary>
/// Finds the id of the user of a command, for its events and for the scope of its idempotency key. With access control,
/// this is the user whose permission is checked.
/// </summary>
/// <param name="claims">The configured claims; null without access control.</param>
/// <param name="finder">Finds the user of a request; null without access control.</param>
internal sealed class CommandUsers(AccessClaims? claims, RequestUserFinder? finder)
{
    public static CommandUsers Default { get; } = new(null, null);

    public string? IdOf(SendOptions? options, IServiceProvider services)
    {
        if (options?.Metadata?.UserId is { } id)
            return id;
        return claims is null
            ? options?.User?.FindFirst(AccessClaims.DefaultUserId)?.Value
            : AccessSubject.Of(options?.User ?? finder?.Find(services), claims).UserId;
    }
}
