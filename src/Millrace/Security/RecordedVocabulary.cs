namespace Millrace.Security;

/// <summary>The names that the application recorded with its roles, for tools without the model.</summary>
internal sealed class RecordedVocabulary(AccessDeclarationRecord? declared) : IAccessVocabulary
{
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Names { get; } =
        declared?.Names ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    public string? FindProblem(AccessRight right)
    {
        if (declared is null)
            return null;
        if (right.Role is { } role)
            return declared.Roles.Any(known => known.Name == role) ? null : $"there is no role '{role}'";
        var permission = right.Rule!.Permission; // Not null: a right is a rule or a role.
        if (permission.Action == AccessAction.Grant)
            return permission.IsForAll ? null : FindProblem(AccessRights.Parse(WithoutAll(permission.Resource)));
        var word = AccessRights.WordOf(permission.Action);
        return permission.IsForAll || !Names.TryGetValue(word, out var names) || names.Contains(permission.Resource)
            ? null
            : $"there is no '{permission.Resource}' to {word}";
    }

    // 'role *' is a right only inside of 'grant'.
    private static string WithoutAll(string resource) => resource == "role *" ? "grant *" : resource;
}
