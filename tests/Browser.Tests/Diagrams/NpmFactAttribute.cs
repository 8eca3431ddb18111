namespace Browser.Tests.Diagrams;

/// <summary>A test that needs npm and Chromium. Without them the test is skipped, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute() => Skip = DiagramChecks.SkipReason ?? Chromium.SkipReason;
}
