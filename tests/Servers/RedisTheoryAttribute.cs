using Xunit;

namespace Servers;

/// <summary>A test that needs Redis. Without Redis the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public RedisTheoryAttribute() => Skip = RedisPrograms.ReasonToSkip;
}
