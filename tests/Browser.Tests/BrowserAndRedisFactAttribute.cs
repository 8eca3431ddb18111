using Servers;

namespace Browser.Tests;

/// <summary>A test in a real browser with a real Redis: skipped where one of them is missing,
/// but never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserAndRedisFactAttribute : FactAttribute
{
    public BrowserAndRedisFactAttribute() => Skip = Chromium.SkipReason ?? RedisPrograms.ReasonToSkip;
}
