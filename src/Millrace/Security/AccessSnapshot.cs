namespace Millrace;

/// <summary>The roles and grants at a position of the log.</summary>
/// <param name="Position">The position of the last change; 0 if there was none.</param>
/// <param name="Roles">The declared roles, by name.</param>
/// <param name="Grants">The grants that are not revoked, oldest first.</param>
public sealed record AccessSnapshot(
    long Position, IReadOnlyList<AccessRole> Roles, IReadOnlyList<AccessGrant> Grants);

/// <summary>A role that an application declares.</summary>
/// <param name="Name">The name.</param>
/// <param name="Rights">The rights, such as <c>send place-order</c>.</param>
public sealed record AccessRole(string Name, IReadOnlyList<string> Rights);
