using Xunit;

namespace Servers;

/// <inheritdoc cref="RabbitMqTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RabbitMqFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public RabbitMqFactAttribute() => Skip = RabbitMqPrograms.ReasonToSkip;
}
