namespace Millrace.Security;

/// <summary>The roles in the code of an application, and what rules can be about.</summary>
/// <param name="Roles">The roles with their rights.</param>
/// <param name="Claims">The claims with the id and the roles of a user.</param>
/// <param name="Vocabulary">Checks the names in rights.</param>
internal sealed record AccessDeclaration(
    IReadOnlyDictionary<string, IReadOnlyList<AccessRight>> Roles, AccessClaims Claims, IAccessVocabulary Vocabulary)
{
    /// <summary>Gets whether every decision uses the rules at the end of the log.</summary>
    public bool RequiresCurrentRules { get; init; }

    public AccessDeclarationRecord ToRecord() =>
        new(
            [
                .. Roles.OrderBy(role => role.Key, StringComparer.Ordinal)
                    .Select(role => new AccessRoleRecord(
                        role.Key,
                        [.. role.Value.Select(right => right.Text).Distinct().Order(StringComparer.Ordinal)])),
            ],
            Vocabulary.Names)
        {
            UserIdClaim = Claims.UserId,
            RoleClaim = Claims.Role,
        };
}
