namespace Millrace;

/// <summary>Thrown when a right is revoked that was not granted. Rights of declared roles cannot be revoked.</summary>
public sealed class AccessGrantNotFoundException(AccessGrantee holder, string right)
    : MillraceException($"The right '{right}' was not granted to {holder}, or is already revoked.")
{
    /// <summary>Gets the user or role.</summary>
    public AccessGrantee Holder { get; } = holder;

    /// <summary>Gets the right.</summary>
    public string Right { get; } = right;
}
