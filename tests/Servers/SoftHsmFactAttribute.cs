using Xunit;

namespace Servers;

/// <summary>A test on a SoftHSM token. Without SoftHSM the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoftHsmFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SoftHsmFactAttribute() => Skip = SoftHsmPrograms.ReasonToSkip;
}
