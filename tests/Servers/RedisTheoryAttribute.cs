using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where Redis is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public RedisTheoryAttribute() => Skip = RedisPrograms.ReasonToSkip;
}
