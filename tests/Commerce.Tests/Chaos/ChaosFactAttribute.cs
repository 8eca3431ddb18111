using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>
/// A test that needs PostgreSQL, RabbitMQ and Redis. Without all three, the test is skipped, but in CI it fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChaosFactAttribute : FactAttribute
{
    public ChaosFactAttribute() =>
        Skip = PostgreSqlPrograms.ReasonToSkip ?? RabbitMqPrograms.ReasonToSkip ?? RedisPrograms.ReasonToSkip;
}
