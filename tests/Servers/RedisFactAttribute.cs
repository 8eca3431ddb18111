using Xunit;

namespace Servers;

/// <inheritdoc cref="RedisTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public RedisFactAttribute() => Skip = RedisPrograms.ReasonToSkip;
}
