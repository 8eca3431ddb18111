namespace Browser.Tests;

/// <summary>A theory that needs Chromium. Without Chromium the theory is skipped, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Chromium.SkipReason;
}
