namespace Millrace.Security;

/// <summary>The payload of <c>access.granted</c> and <c>access.revoked</c>.</summary>
internal sealed record AccessChangeRecord(string To, string Right, string By, string Reason)
{
    /// <summary>Gets whether the change was made with the rights of the system.</summary>
    public bool BySystem { get; init; }
}
