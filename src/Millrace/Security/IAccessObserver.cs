namespace Millrace.Security;

/// <summary>Is notified of every decision about access of a user, and of every grant and revocation.</summary>
internal interface IAccessObserver
{
    /// <summary>A user's access was allowed or denied. Called on the path of the request: it must not block.</summary>
    void Decided(in AccessAttempt attempt);

    /// <summary>A right was granted or revoked, and the change is durable.</summary>
    void Changed(AccessGrant grant, bool isRevoked);
}

/// <summary>A decision about the access of a user.</summary>
/// <param name="UserId">The id of the user; null if the user is not signed in.</param>
/// <param name="Permission">The permission.</param>
/// <param name="IsAllowed">Whether the access is allowed.</param>
/// <param name="Rule">The rule that allows the access; null if it is denied.</param>
/// <param name="Position">The position of the rules in the log.</param>
internal readonly record struct AccessAttempt(
    string? UserId, AccessPermission Permission, bool IsAllowed, AccessRule? Rule, long Position);
