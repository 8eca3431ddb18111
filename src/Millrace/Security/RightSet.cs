namespace Millrace.Security;

/// <summary>The rights of one user or role, indexed by action and resource. Immutable.</summary>
internal sealed class RightSet
{
    private readonly Dictionary<(AccessAction Action, string Resource), HeldRule[]> _rules = [];
    private readonly HeldRule[] _grantRules;

    public RightSet(IReadOnlyCollection<HeldRight> rights)
    {
        Rights = rights;
        Roles = [.. rights.Where(held => held.Right.Role is not null)];
        var rules = rights.Where(held => held.Right.Rule is not null)
            .Select(held => new HeldRule(held.Right.Rule!, held.Grant)).ToArray(); // Not null: filtered.
        foreach (var resource in rules.GroupBy(held => (held.Rule.Permission.Action, held.Rule.Permission.Resource)))
            _rules[resource.Key] = [.. resource];
        _grantRules = [.. rules.Where(held => held.Rule.Permission.Action == AccessAction.Grant)];
    }

    public static RightSet Empty { get; } = new([]);

    /// <summary>Gets all rights.</summary>
    public IReadOnlyCollection<HeldRight> Rights { get; }

    /// <summary>Gets the rights that are roles.</summary>
    public IReadOnlyList<HeldRight> Roles { get; }

    /// <summary>Adds the rules about a permission, whatever their conditions are.</summary>
    public void AddRulesAbout(AccessPermission wanted, List<HeldRule> found)
    {
        if (wanted.Action == AccessAction.Grant)
        {
            found.AddRange(_grantRules.Where(held => held.Rule.IsAbout(wanted)));
            return;
        }
        if (_rules.TryGetValue((wanted.Action, wanted.Resource), out var exact))
            found.AddRange(exact);
        if (!wanted.IsForAll && _rules.TryGetValue((wanted.Action, AccessRights.All), out var general))
            found.AddRange(general);
    }
}

/// <summary>A right, with the grant that gave it; null for a right of a declared role.</summary>
internal readonly record struct HeldRight(AccessRight Right, AccessGrant? Grant);

/// <summary>A rule, with the grant that gave it; null for a rule of a declared role.</summary>
internal readonly record struct HeldRule(AccessRule Rule, AccessGrant? Grant);
