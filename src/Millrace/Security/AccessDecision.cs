namespace Millrace;

/// <summary>The decision of an authorizer, with a reason if access is denied.</summary>
public readonly record struct AccessDecision
{
    private AccessDecision(string? reason, bool isAllowed, string? permission = null)
    {
        Reason = reason;
        IsAllowed = isAllowed;
        Permission = permission;
    }

    /// <summary>Gets a decision that allows access.</summary>
    public static AccessDecision Allowed => new(null, isAllowed: true);

    /// <summary>Gets whether access is allowed. The default value of the struct denies access.</summary>
    public bool IsAllowed { get; }

    /// <summary>Gets the reason for a denial, as a message for users; null if access is allowed.</summary>
    public string? Reason { get; }

    /// <summary>
    /// Gets the missing permission, such as <c>send place-order</c>; null if access is allowed, or was denied for
    /// another reason.
    /// </summary>
    public string? Permission { get; }

    /// <summary>Creates a decision that denies access because of a missing permission.</summary>
    public static AccessDecision Missing(AccessPermission permission)
    {
        ArgumentNullException.ThrowIfNull(permission);
        var text = permission.ToString();
        return new AccessDecision(AccessDeniedException.ReasonOf(text), isAllowed: false, text);
    }

    /// <summary>Creates a decision that denies access.</summary>
    /// <param name="reason">The reason, as a message for users.</param>
    public static AccessDecision Denied(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new AccessDecision(reason, isAllowed: false);
    }
}
