using System.Security.Claims;

namespace Millrace.Security;

/// <summary>The types of the claims that contain the id and the roles of a user.</summary>
/// <param name="UserId">The type of the claim with the id.</param>
/// <param name="Role">The type of the claims with the roles.</param>
internal sealed record AccessClaims(string UserId, string Role)
{
    public const string DefaultUserId = "sub";
    public const string DefaultRole = "role";

    public static AccessClaims Default { get; } = new(DefaultUserId, DefaultRole);

    /// <summary>Returns whether a claim contains a role. ASP.NET Core may rename <c>role</c>.</summary>
    public bool IsRole(string type) => type == Role || (Role == DefaultRole && type == ClaimTypes.Role);

    /// <summary>Returns whether a claim contains the id under the name that ASP.NET Core may give it.</summary>
    public bool IsRenamedUserId(string type) => UserId == DefaultUserId && type == ClaimTypes.NameIdentifier;

    /// <summary>Creates a user with an id, roles and other claims.</summary>
    public ClaimsPrincipal CreateUser(
        string id, IEnumerable<string> roles, IEnumerable<KeyValuePair<string, string>> claims) => new(
        new ClaimsIdentity(
            [
                new System.Security.Claims.Claim(UserId, id),
                .. roles.Select(role => new System.Security.Claims.Claim(Role, role)),
                .. claims.Select(claim => new System.Security.Claims.Claim(claim.Key, claim.Value)),
            ],
            "named"));
}
