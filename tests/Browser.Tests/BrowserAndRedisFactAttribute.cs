using Servers;

namespace Browser.Tests;

/// <summary>A test that needs Chromium and Redis. Without them the test is skipped, except in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserAndRedisFactAttribute : FactAttribute
{
    public BrowserAndRedisFactAttribute() => Skip = Chromium.SkipReason ?? RedisPrograms.ReasonToSkip;
}
