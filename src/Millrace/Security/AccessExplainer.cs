namespace Millrace.Security;

/// <summary>Explains a decision about access.</summary>
internal static class AccessExplainer
{
    public static AccessExplanation Explain(AccessSubject subject, AccessPermission permission, AccessState state)
    {
        var (wanted, member) = Split(permission, state.Declared);
        var outcome = AccessDecider.Decide(subject, wanted, null, state.Rules);
        var isAllowed = outcome.IsAllowed && (member is null || !outcome.Limits.Hides(member));
        return new AccessExplanation(isAllowed, permission.ToString(), state.Position)
        {
            Rule = outcome.Rule is { } rule ? AccessRights.TextOf(rule) : null,
            Path = outcome.Path,
            Grant = outcome.Grant,
            Roles = [.. outcome.Roles],
            HiddenMembers = outcome.Limits.Hidden,
            MaskedMembers = outcome.Limits.Masked,
            ConditionalRules = outcome.IsAllowed
                ? []
                : [
                    .. HolderList.Of(subject, state.Rules).Rules
                        .Where(held => held.Conditions.Count > 0 && held.IsAbout(wanted))
                        .Select(AccessRights.TextOf).Distinct(StringComparer.Ordinal),
                ],
        };
    }

    /// <summary>
    /// Divides <c>view customer.email</c> into the read model and the path of the member. The read model is the longest
    /// name that is known.
    /// </summary>
    private static (AccessPermission Wanted, string? Member) Split(
        AccessPermission permission, AccessDeclarationRecord? declared)
    {
        if (permission.Action != AccessAction.View || IsReadModel(permission.Resource))
            return (permission, null);
        var last = permission.Resource.LastIndexOf(MemberPattern.Separator);
        var dot = last;
        while (dot > 0 && !IsReadModel(permission.Resource[..dot]))
            dot = permission.Resource.LastIndexOf(MemberPattern.Separator, dot - 1);
        dot = dot > 0 ? dot : last; // No name is known, for example in a store without recorded roles.
        return dot <= 0
            ? (permission, null)
            : (permission with { Resource = permission.Resource[..dot] }, permission.Resource[(dot + 1)..]);

        bool IsReadModel(string name) =>
            declared?.Names.TryGetValue(AccessRights.WordOf(AccessAction.View), out var names) == true
            && names.Contains(name);
    }
}
