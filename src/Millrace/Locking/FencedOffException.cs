namespace Millrace;

/// <summary>
/// A fencing token is older than one that was seen before: who held it has lost the lock, and another works already.
/// Nothing was done.
/// </summary>
public sealed class FencedOffException(string resource, long token, long greatest)
    : MillraceException(
        $"'{resource}' was refused with the fencing token {token}, because {greatest} was seen already: the lock was "
            + $"lost meanwhile. "
        + "Take it again and begin anew.")
{
    /// <summary>What is protected.</summary>
    public string Resource { get; } = resource;

    /// <summary>The token that was refused.</summary>
    public long Token { get; } = token;

    /// <summary>The greatest token that was seen.</summary>
    public long Greatest { get; } = greatest;
}
