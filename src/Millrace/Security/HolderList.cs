namespace Millrace.Security;

/// <summary>
/// A user and all roles that the user has: from claims, from grants, and included in other roles. Each has the index of
/// the holder that led to it.
/// </summary>
internal sealed class HolderList
{
    private const int NoParent = -1;

    private readonly List<(AccessGrantee Holder, int Parent, RightSet Rights)> _holders = [];

    private HolderList()
    {
    }

    public int Count => _holders.Count;

    /// <summary>Gets all rules of the holders, whatever their conditions are.</summary>
    public IEnumerable<AccessRule> Rules => _holders
        .SelectMany(holder => holder.Rights.Rights)
        .Select(held => held.Right.Rule)
        .OfType<AccessRule>();

    /// <summary>Gets the names of the roles.</summary>
    public IEnumerable<string> Roles =>
        _holders.Where(holder => holder.Holder.IsRole).Select(holder => holder.Holder.Name);

    public static HolderList Of(AccessSubject subject, AccessRules rules)
    {
        var list = new HolderList();
        if (subject.UserId is { } user)
            list.Add(AccessGrantee.User(user), NoParent, rules);
        for (var i = 0; i < subject.Roles.Count; i++)
        {
            if (!string.IsNullOrWhiteSpace(subject.Roles[i]))
                list.Add(AccessGrantee.Role(subject.Roles[i]), NoParent, rules);
        }
        return list.AddIncluded(rules);
    }

    public static HolderList OfRole(string role, AccessRules rules)
    {
        var list = new HolderList();
        list.Add(AccessGrantee.Role(role), NoParent, rules);
        return list.AddIncluded(rules);
    }

    public RightSet RightsOf(int index) => _holders[index].Rights;

    public bool HasRole(string role) =>
        _holders.Exists(holder => holder.Holder.IsRole && holder.Holder.Name == role);

    /// <summary>Returns whether one of the rules has at least what another rule allows.</summary>
    public bool Covers(AccessRule rule) => Rules.Any(held => held.Covers(rule));

    /// <summary>Returns the holders from the user, or from a role in the user's claims, to a holder.</summary>
    public IReadOnlyList<AccessGrantee> PathTo(int index)
    {
        var path = new List<AccessGrantee>();
        for (var at = index; at != NoParent; at = _holders[at].Parent)
            path.Insert(0, _holders[at].Holder);
        return path;
    }

    private HolderList AddIncluded(AccessRules rules)
    {
        for (var i = 0; i < _holders.Count; i++)
        {
            foreach (var included in _holders[i].Rights.Roles)
                Add(AccessGrantee.Role(included.Right.Role!), i, rules); // Not null: these rights are roles.
        }
        return this;
    }

    private void Add(AccessGrantee holder, int parent, AccessRules rules)
    {
        for (var i = 0; i < _holders.Count; i++)
        {
            if (_holders[i].Holder == holder)
                return;
        }
        _holders.Add((holder, parent, rules.RightsOf(holder)));
    }
}
