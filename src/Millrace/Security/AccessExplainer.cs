namespace Millrace.Security;

/// <summary>Explains a decision about access.</summary>
internal static class AccessExplainer
{
    public static AccessExplanation Explain(AccessSubject subject, AccessPermission permission, AccessState state)
    {
        var (wanted, member) = Split(permission, state.Declared);
        var outcome = AccessDecider.Decide(subject, wanted, null, state.Rules);
        var isAllowed = outcome.IsAllowed && (member is null || !outcome.Limits.Hidden.Contains(member));
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

    /// <summary>Divides <c>view customer.email</c> into the read model and the member.</summary>
    private static (AccessPermission Wanted, string? Member) Split(
        AccessPermission permission, AccessDeclarationRecord? declared)
    {
        var dot = permission.Resource.LastIndexOf('.');
        return permission.Action != AccessAction.View || dot <= 0 || IsReadModel(permission.Resource)
            ? (permission, null)
            : (permission with { Resource = permission.Resource[..dot] }, permission.Resource[(dot + 1)..]);

        bool IsReadModel(string name) =>
            declared?.Names.TryGetValue(AccessRights.WordOf(AccessAction.View), out var names) == true
            && names.Contains(name);
    }
}
