using Xunit;

namespace Servers;

/// <inheritdoc cref="RedisTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisFactAttribute : FactAttribute
{
    /// <summary>Decides.</summary>
    public RedisFactAttribute() => Skip = RedisPrograms.ReasonToSkip;
}
