namespace Browser.Tests.Diagrams;

/// <summary>A test that needs programs from npm and a browser: skipped where they are missing,
/// but never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute() => Skip = DiagramChecks.SkipReason ?? Chromium.SkipReason;
}
