using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where kcat is missing, except in CI, where it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClientFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public KafkaClientFactAttribute() => Skip = KafkaPrograms.ReasonToSkipClient;
}
