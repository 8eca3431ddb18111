namespace Millrace;

/// <summary>A decision about access, with its reasons.</summary>
/// <param name="IsAllowed">Whether the access is allowed.</param>
/// <param name="Permission">The permission, such as <c>send place-order</c>.</param>
/// <param name="Position">The position of the last change of the rules.</param>
public sealed record AccessExplanation(bool IsAllowed, string Permission, long Position)
{
    /// <summary>Gets the rule that allows the access; null if no rule does.</summary>
    public string? Rule { get; init; }

    /// <summary>
    /// Gets the way from the user, or from a role in the user's claims, to the role that has the rule.
    /// </summary>
    public IReadOnlyList<AccessGrantee> Path { get; init; } = [];

    /// <summary>Gets the grant of the rule; null if a declared role has the rule.</summary>
    public AccessGrant? Grant { get; init; }

    /// <summary>Gets the roles of the user, with those that other roles include.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Gets the rules of the user that allow the access only if their conditions hold for the resource.
    /// </summary>
    public IReadOnlyList<string> ConditionalRules { get; init; } = [];

    /// <summary>Gets the members of the documents that the user does not receive.</summary>
    public IReadOnlyList<string> HiddenMembers { get; init; } = [];

    /// <summary>Gets the members of the documents that the user receives masked.</summary>
    public IReadOnlyList<string> MaskedMembers { get; init; } = [];
}
