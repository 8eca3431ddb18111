using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where librdkafka is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public KafkaTheoryAttribute() => Skip = KafkaPrograms.ReasonToSkip;
}
