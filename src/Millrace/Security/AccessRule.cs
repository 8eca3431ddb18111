namespace Millrace.Security;

/// <summary>A rule: a permission with its conditions, and for a read model the limits of its members.</summary>
internal sealed record AccessRule(AccessPermission Permission)
{
    /// <summary>Gets the conditions, all of which must hold.</summary>
    public IReadOnlyList<AccessCondition> Conditions { get; init; } = [];

    public MemberLimits Limits { get; init; } = MemberLimits.None;

    /// <summary>Returns whether the rule is about a resource, whatever its conditions are.</summary>
    public bool IsAbout(AccessPermission wanted) =>
        Permission.Action == wanted.Action
        && (Permission.Action == AccessAction.Grant
            ? CoversRight(Permission.Resource, wanted.Resource)
            : Permission.IsForAll || string.Equals(Permission.Resource, wanted.Resource, StringComparison.Ordinal));

    /// <summary>Returns whether a holder of this rule has at least what the other rule allows.</summary>
    public bool Covers(AccessRule other) =>
        IsAbout(other.Permission)
        && Conditions.All(other.Conditions.Contains)
        && Limits.AllowsAtLeast(other.Limits);

    public bool Equals(AccessRule? other) =>
        other is not null
        && Permission == other.Permission
        && Conditions.SequenceEqual(other.Conditions)
        && Limits.Equals(other.Limits);

    public override int GetHashCode() => HashCode.Combine(Permission, Conditions.Count, Limits);

    /// <summary>
    /// Returns whether the right in a <c>grant</c> rule includes another right: <c>send *</c> includes <c>send
    /// place-order</c>.
    /// </summary>
    private static bool CoversRight(string rule, string wanted)
    {
        while (rule != AccessRights.All && rule != wanted)
        {
            var (ruleWord, ruleRest) = Split(rule);
            var (wantedWord, wantedRest) = Split(wanted);
            if (!string.Equals(ruleWord, wantedWord, StringComparison.Ordinal))
                return false;
            if (ruleRest == AccessRights.All)
                return true;
            if (ruleWord != AccessRights.GrantWord)
                return false;
            (rule, wanted) = (ruleRest, wantedRest);
        }
        return true;
    }

    private static (string Word, string Remainder) Split(string text)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[(space + 1)..]);
    }
}
