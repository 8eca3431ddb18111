namespace Millrace;

/// <summary>
/// Thrown when a fencing token is lower than a token that was used before. The caller has lost the lock, and another
/// owner has acquired it. The request wrote nothing.
/// </summary>
public sealed class FencedOffException(string resource, long token, long greatest)
    : MillraceException(
        $"'{resource}' refused the fencing token {token}, because the token {greatest} was already used. The lock "
            + "was lost. Acquire the lock again and restart the operation.")
{
    /// <summary>Gets the protected resource.</summary>
    public string Resource { get; } = resource;

    /// <summary>Gets the token that was refused.</summary>
    public long Token { get; } = token;

    /// <summary>Gets the greatest token that was used.</summary>
    public long Greatest { get; } = greatest;
}
