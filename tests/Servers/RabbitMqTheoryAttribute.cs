using Xunit;

namespace Servers;

/// <summary>A test that needs RabbitMQ. Without RabbitMQ the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RabbitMqTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public RabbitMqTheoryAttribute() => Skip = RabbitMqPrograms.ReasonToSkip;
}
