using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where librdkafka is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaFactAttribute : FactAttribute
{
    /// <summary>Decides.</summary>
    public KafkaFactAttribute() => Skip = KafkaPrograms.ReasonToSkip;
}
