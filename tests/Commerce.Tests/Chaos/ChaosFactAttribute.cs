using Servers;

namespace Commerce.Tests.Chaos;

/// <summary>A test that needs PostgreSQL, RabbitMQ and Redis: skipped when one is missing, except in CI, where it
/// fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChaosFactAttribute : FactAttribute
{
    public ChaosFactAttribute() =>
        Skip = PostgreSqlPrograms.ReasonToSkip ?? RabbitMqPrograms.ReasonToSkip ?? RedisPrograms.ReasonToSkip;
}
