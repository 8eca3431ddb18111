using Xunit;

namespace Servers;

/// <summary>
/// A theory on real object storage: Swift and Azurite. Without one of them the theory is skipped, but in CI it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ObjectServersTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public ObjectServersTheoryAttribute() => Skip = SwiftPrograms.ReasonToSkip ?? AzuritePrograms.ReasonToSkip;
}
