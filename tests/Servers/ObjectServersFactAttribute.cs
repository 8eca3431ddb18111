using Xunit;

namespace Servers;

/// <summary>
/// A test on real object storage: Swift and Azurite. Without one of them the test is skipped, but in CI it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ObjectServersFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public ObjectServersFactAttribute() => Skip = SwiftPrograms.ReasonToSkip ?? AzuritePrograms.ReasonToSkip;
}
