namespace Millrace.Security;

/// <summary>A decision about access, with the rule that allows it.</summary>
internal sealed record AccessOutcome
{
    private readonly HolderList _holders;
    private readonly int _holder;

    /// <summary>Creates a decision.</summary>
    /// <param name="permission">The permission.</param>
    /// <param name="holders">The user with all roles.</param>
    /// <param name="holder">The index of the holder of the rule; -1 if no rule allows the access.</param>
    /// <param name="held">The rule.</param>
    public AccessOutcome(AccessPermission permission, HolderList holders, int holder, HeldRule held)
    {
        (Permission, _holders, _holder) = (permission, holders, holder);
        (Rule, Grant) = held;
        Limits = Rule?.Limits ?? MemberLimits.None;
    }

    public AccessPermission Permission { get; }

    public bool IsAllowed => _holder >= 0;

    /// <summary>Gets the first rule that allows the access; null if it is denied.</summary>
    public AccessRule? Rule { get; }

    /// <summary>Gets the grant of the rule; null if a declared role has the rule.</summary>
    public AccessGrant? Grant { get; }

    /// <summary>Gets what all rules together leave out and mask.</summary>
    public MemberLimits Limits { get; init; }

    /// <summary>Gets all roles of the user.</summary>
    public IEnumerable<string> Roles => _holders.Roles;

    /// <summary>Gets the way from the user or from a role in the claims to the holder of the rule.</summary>
    public IReadOnlyList<AccessGrantee> Path => IsAllowed ? _holders.PathTo(_holder) : [];
}
