namespace Millrace.Security;

/// <summary>The payload of <c>access.declared</c>: the roles in code, and the names that rules can be about.</summary>
internal sealed record AccessDeclarationRecord(
    IReadOnlyList<AccessRoleRecord> Roles, IReadOnlyDictionary<string, IReadOnlyList<string>> Names)
{
    /// <summary>Gets the types of the claims with the id and the roles of a user.</summary>
    public string UserIdClaim { get; init; } = AccessClaims.DefaultUserId;

    /// <inheritdoc cref="UserIdClaim"/>
    public string RoleClaim { get; init; } = AccessClaims.DefaultRole;
}

/// <summary>A declared role with its rights.</summary>
internal sealed record AccessRoleRecord(string Name, IReadOnlyList<string> Rights);
