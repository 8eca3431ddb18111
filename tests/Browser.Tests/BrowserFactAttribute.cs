namespace Browser.Tests;

/// <summary>A test that needs Chromium. Without Chromium the test is skipped, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Chromium.SkipReason;
}
