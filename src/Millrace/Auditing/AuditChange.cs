namespace Millrace;

/// <summary>A setting that changed.</summary>
/// <param name="Name">The name of the setting, such as <c>seals.interval</c>.</param>
/// <param name="Before">The value before the change; null if the setting did not exist.</param>
/// <param name="After">The value after the change; null if the setting no longer exists.</param>
public sealed record AuditChange(string Name, string? Before, string? After);
