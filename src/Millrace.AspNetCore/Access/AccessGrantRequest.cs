using System.ComponentModel;

namespace Millrace.AspNetCore.Access;

/// <summary>The body of a grant or revocation.</summary>
[Description("A right to grant or revoke.")]
internal sealed record AccessGrantRequest(
    [property: Description("The user or role, such as user:alice or role:clerk.")] string To,
    [property: Description("The right, such as role clerk or send place-order.")] string Right,
    [property: Description("The reason, which is recorded.")] string Reason);
