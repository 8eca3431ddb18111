namespace Millrace.Reporting;

/// <summary>A role with its rights at the end of the period.</summary>
internal sealed record RoleRow(string Role, IReadOnlyList<string> Rights);
