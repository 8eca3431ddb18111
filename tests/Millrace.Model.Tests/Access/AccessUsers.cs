using System.Security.Claims;

namespace Millrace.Model.Tests.Access;

/// <summary>Users for tests of access control.</summary>
public static class AccessUsers
{
    public static ClaimsPrincipal User(string id, params string[] roles) => new(
        new ClaimsIdentity(
            [
                new System.Security.Claims.Claim("sub", id),
                .. roles.Select(role => new System.Security.Claims.Claim("role", role)),
            ],
            "test"));

    public static ClaimsPrincipal Anonymous { get; } = new(new ClaimsIdentity());
}
