namespace Millrace;

/// <summary>A right that was granted at run time.</summary>
/// <param name="To">The user or role that has the right.</param>
/// <param name="Right">The right, such as <c>role clerk</c> or <c>send place-order</c>.</param>
/// <param name="By">The user who granted it.</param>
/// <param name="Reason">The reason.</param>
public sealed record AccessGrant(AccessGrantee To, string Right, string By, string Reason)
{
    /// <summary>Gets whether the grant was made with the rights of the system, not with those of the user.</summary>
    public bool IsBySystem { get; init; }

    /// <summary>Gets the time of the grant.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Gets the position of the grant in the log.</summary>
    public long Position { get; init; }
}
