namespace Millrace.Security;

/// <summary>
/// Decides about access: a pure function of the user, the permission, the attributes of the resource and the rules.
/// What no rule allows is denied.
/// </summary>
internal static class AccessDecider
{
    /// <summary>Decides whether a user has a permission.</summary>
    /// <param name="subject">The user.</param>
    /// <param name="wanted">The permission.</param>
    /// <param name="attributes">Returns an attribute of the resource for conditions, or null; null if there are no
    /// attributes.</param>
    /// <param name="rules">The rules.</param>
    public static AccessOutcome Decide(
        AccessSubject subject, AccessPermission wanted, Func<string, string?>? attributes, AccessRules rules)
    {
        var found = new List<HeldRule>();
        var holders = HolderList.Of(subject, rules);
        AccessOutcome? outcome = null;
        for (var holder = 0; holder < holders.Count; holder++)
        {
            found.Clear();
            holders.RightsOf(holder).AddRulesAbout(wanted, found);
            foreach (var held in found)
            {
                if (!Holds(held.Rule, subject, wanted, attributes))
                    continue;
                outcome = outcome is null
                    ? new AccessOutcome(wanted, holders, holder, held)
                    : outcome with { Limits = outcome.Limits.CombineWith(held.Rule.Limits) };
                if (outcome.Limits.IsNone)
                    return outcome;
            }
        }
        return outcome ?? new AccessOutcome(wanted, holders, -1, default);
    }

    /// <summary>
    /// Returns the permission that a user lacks to grant or revoke a right, or null. The user needs the permission to
    /// grant the right, and must have the right.
    /// </summary>
    public static AccessPermission? FindMissingToGrant(AccessSubject subject, AccessRight right, AccessRules rules)
    {
        var holders = HolderList.Of(subject, rules);
        if (!Decide(subject, right.ToGrant, null, rules).IsAllowed)
            return right.ToGrant;
        if (right.Rule is { } rule)
            return holders.Covers(rule) ? null : rule.Permission;
        if (holders.HasRole(right.Role!)) // Not null: a right is a rule or a role.
            return null;
        return HolderList.OfRole(right.Role!, rules).Rules // Not null, as above.
            .FirstOrDefault(missing => !holders.Covers(missing))?.Permission;
    }

    /// <summary>Returns whether a user has a rule about a resource, whatever its conditions are.</summary>
    public static bool HasRuleAbout(AccessSubject subject, AccessPermission wanted, AccessRules rules) =>
        HolderList.Of(subject, rules).Rules.Any(rule => rule.IsAbout(wanted));

    /// <summary>Returns whether a rule lets a user see a member of documents, whatever its conditions are.</summary>
    public static bool CanSeeMember(AccessSubject subject, string readModel, string member, AccessRules rules)
    {
        var wanted = AccessPermission.View(readModel);
        return HolderList.Of(subject, rules).Rules
            .Any(rule => rule.IsAbout(wanted) && !rule.Limits.Contains(member));
    }

    private static bool Holds(
        AccessRule rule, AccessSubject subject, AccessPermission wanted, Func<string, string?>? attributes)
    {
        foreach (var (attribute, claim) in rule.Conditions)
        {
            var value = wanted.Action switch
            {
                AccessAction.Read => attribute == AccessCondition.Key ? wanted.Key : null,
                AccessAction.Enter => attribute == AccessCondition.Name ? wanted.Resource : null,
                _ => attributes?.Invoke(attribute),
            };
            if (string.IsNullOrEmpty(value) || !subject.HasClaim(claim, value))
                return false;
        }
        return true;
    }
}
