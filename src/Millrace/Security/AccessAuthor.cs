using System.Security.Claims;

namespace Millrace;

/// <summary>The author of a grant or revocation.</summary>
/// <param name="User">The user, whose rights are checked; null to act with the rights of the system.</param>
/// <param name="Reason">The reason, which is recorded.</param>
public sealed record AccessAuthor(ClaimsPrincipal? User, string Reason)
{
    /// <summary>
    /// Gets the recorded name; by default the id of the user, or <c>system</c> if there is no user.
    /// </summary>
    public string? Name { get; init; }
}
