namespace Millrace.Security;

/// <summary>What a role contains or a grant gives: a rule, or all rights of a role.</summary>
internal sealed record AccessRight
{
    private AccessRight(AccessRule? rule, string? role, string text) => (Rule, Role, Text) = (rule, role, text);

    /// <summary>Gets the rule; null if the right is a role.</summary>
    public AccessRule? Rule { get; }

    /// <summary>Gets the name of the role; null if the right is a rule.</summary>
    public string? Role { get; }

    /// <summary>Gets the canonical text, which identifies the right.</summary>
    public string Text { get; }

    /// <summary>Gets the permission that is needed to grant and to revoke the right.</summary>
    public AccessPermission ToGrant => new(
        AccessAction.Grant, Rule is { } rule ? AccessRights.TextOf(rule.Permission) : AccessRights.TextOfRole(Role!));

    public static AccessRight Of(AccessRule rule) => new(rule, null, AccessRights.TextOf(rule));

    public static AccessRight OfRole(string role) => new(null, role, AccessRights.TextOfRole(role));

    public bool Equals(AccessRight? other) => other is not null && Text == other.Text;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);

    public override string ToString() => Text;
}
