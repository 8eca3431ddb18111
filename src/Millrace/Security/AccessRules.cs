using System.Collections.Immutable;

namespace Millrace.Security;

using GrantsByRight = ImmutableDictionary<string, AccessGrant>;

/// <summary>
/// All rules at a position of the log: the rights of the declared roles, and the rights that were granted and not
/// revoked since. Immutable.
/// </summary>
internal sealed class AccessRules
{
    private static readonly GrantsByRight NoGrants = ImmutableDictionary.Create<string, AccessGrant>(
        StringComparer.Ordinal);

    private readonly ImmutableDictionary<AccessGrantee, RightSet> _rights;
    private readonly ImmutableDictionary<AccessGrantee, GrantsByRight> _grants;

    private AccessRules(
        IReadOnlyDictionary<string, IReadOnlyList<AccessRight>> roles,
        ImmutableDictionary<AccessGrantee, RightSet> rights,
        ImmutableDictionary<AccessGrantee, GrantsByRight> grants) =>
        (Roles, _rights, _grants) = (roles, rights, grants);

    public static AccessRules Empty { get; } = new(
        ImmutableDictionary<string, IReadOnlyList<AccessRight>>.Empty,
        ImmutableDictionary<AccessGrantee, RightSet>.Empty,
        ImmutableDictionary<AccessGrantee, GrantsByRight>.Empty);

    /// <summary>Gets the declared roles with their rights.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<AccessRight>> Roles { get; }

    /// <summary>Gets the grants in the order in which they were made.</summary>
    public IEnumerable<AccessGrant> Grants =>
        _grants.Values.SelectMany(grants => grants.Values).OrderBy(grant => grant.Position);

    public RightSet RightsOf(AccessGrantee holder) => _rights.GetValueOrDefault(holder, RightSet.Empty);

    public AccessGrant? FindGrant(AccessGrantee to, string right) => GrantsOf(to).GetValueOrDefault(right);

    /// <summary>Returns the rules with other declared roles.</summary>
    public AccessRules WithRoles(IReadOnlyDictionary<string, IReadOnlyList<AccessRight>> roles)
    {
        var changed = new AccessRules(roles, ImmutableDictionary<AccessGrantee, RightSet>.Empty, _grants);
        var holders = roles.Keys.Select(AccessGrantee.Role).Concat(_grants.Keys).Distinct();
        return new AccessRules(
            roles,
            holders.ToImmutableDictionary(holder => holder, holder => changed.BuildRights(holder, GrantsOf(holder))),
            _grants);
    }

    /// <summary>Returns the rules with a grant. The first of several equal grants remains.</summary>
    public AccessRules With(AccessGrant grant) =>
        GrantsOf(grant.To) is var grants && grants.ContainsKey(grant.Right)
            ? this
            : WithGrants(grant.To, grants.Add(grant.Right, grant));

    /// <summary>Returns the rules without a grant.</summary>
    public AccessRules Without(AccessGrantee to, string right) =>
        GrantsOf(to) is var grants && grants.ContainsKey(right) ? WithGrants(to, grants.Remove(right)) : this;

    private GrantsByRight GrantsOf(AccessGrantee holder) => _grants.GetValueOrDefault(holder, NoGrants);

    private AccessRules WithGrants(AccessGrantee holder, GrantsByRight grants) => new(
        Roles,
        _rights.SetItem(holder, BuildRights(holder, grants)),
        grants.IsEmpty ? _grants.Remove(holder) : _grants.SetItem(holder, grants));

    private RightSet BuildRights(AccessGrantee holder, GrantsByRight grants)
    {
        var declared = holder.IsRole && Roles.TryGetValue(holder.Name, out var rights) ? rights : [];
        return new RightSet(
        [
            .. declared.Select(right => new HeldRight(right, null)),
            .. grants.Values.OrderBy(grant => grant.Position)
                .Select(grant => new HeldRight(AccessRights.Parse(grant.Right), grant)),
        ]);
    }
}
