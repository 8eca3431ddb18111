using System.ComponentModel;

namespace Millrace.AspNetCore.Access;

/// <summary>The roles and grants.</summary>
[Description("The roles and grants.")]
internal sealed record AccessView(
    [property: Description("The position of the last change in the log.")] long Position,
    [property: Description("The declared roles.")] IReadOnlyList<AccessRole> Roles,
    [property: Description("The grants that are not revoked, oldest first.")] IReadOnlyList<AccessGrantView> Grants);
