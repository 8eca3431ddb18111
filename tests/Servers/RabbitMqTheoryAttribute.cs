using Xunit;

namespace Servers;

/// <summary>A test that needs RabbitMQ: skipped, saying so, where there is none, and failed in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RabbitMqTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public RabbitMqTheoryAttribute() => Skip = RabbitMqPrograms.ReasonToSkip;
}
