using System.ComponentModel;

namespace Millrace.AspNetCore.Access;

/// <summary>A granted right.</summary>
[Description("A granted right.")]
internal sealed record AccessGrantView(
    [property: Description("The user or role, such as user:alice.")] string To,
    [property: Description("The right, such as role clerk.")] string Right,
    [property: Description("The author.")] string By,
    [property: Description("The reason.")] string Reason,
    [property: Description("True if it was granted with the rights of the system.")] bool IsBySystem,
    [property: Description("The time.")] DateTimeOffset At,
    [property: Description("The position in the log.")] long Position)
{
    public static AccessGrantView Of(AccessGrant grant) =>
        new(grant.To.ToString(), grant.Right, grant.By, grant.Reason, grant.IsBySystem, grant.At, grant.Position);
}
