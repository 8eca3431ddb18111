namespace Millrace;

/// <summary>
/// Thrown when a tenant cannot be moved to another shard, or when another call has taken over its move. The tenant can
/// be used.
/// </summary>
public sealed class TenantMoveException(string tenant, string reason, bool isTransient = false)
    : MillraceException($"The tenant '{tenant}' cannot be moved: {reason}")
{
    /// <summary>Gets the tenant.</summary>
    public string Tenant { get; } = tenant;

    /// <summary>Gets the reason.</summary>
    public string Reason { get; } = reason;

    /// <inheritdoc/>
    public override bool IsTransient { get; } = isTransient;
}
