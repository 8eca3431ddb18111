namespace Millrace;

/// <summary>Thrown when a user may not send a command or query. The request loaded and wrote nothing.</summary>
public sealed class AccessDeniedException(string name, string reason, bool isAuthenticated)
    : MillraceException($"'{name}' is not allowed: {reason}")
{
    /// <summary>Gets the stable name of the command or query.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;

    /// <summary>
    /// Gets whether the user was authenticated. If not, the request may be allowed after the user signs in.
    /// </summary>
    public bool IsAuthenticated { get; } = isAuthenticated;

    /// <summary>
    /// Gets the missing permission, such as <c>send place-order</c>; null if access was denied for another reason.
    /// </summary>
    public string? Permission { get; init; }

    /// <summary>
    /// Gets whether a response should be that for a document that does not exist: the user may view documents of this
    /// kind, but not this one. The default is false.
    /// </summary>
    public bool IsLikeMissing { get; init; }

    /// <summary>Returns the exception for a missing permission.</summary>
    internal static AccessDeniedException Missing(
        AccessPermission permission, bool isAuthenticated, bool isLikeMissing = false)
    {
        var text = permission.ToString();
        return new AccessDeniedException(permission.Resource, ReasonOf(text), isAuthenticated)
        {
            Permission = text,
            IsLikeMissing = isLikeMissing,
        };
    }

    internal static string ReasonOf(string permission) => $"the permission '{permission}' is missing.";
}
