using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where kcat is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClientFactAttribute : FactAttribute
{
    /// <summary>Decides.</summary>
    public KafkaClientFactAttribute() => Skip = KafkaPrograms.ReasonToSkipClient;
}
