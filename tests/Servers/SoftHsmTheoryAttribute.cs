using Xunit;

namespace Servers;

/// <summary>Several tests on a SoftHSM token. Without SoftHSM they are skipped, but in CI they fail.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoftHsmTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public SoftHsmTheoryAttribute() => Skip = SoftHsmPrograms.ReasonToSkip;
}
