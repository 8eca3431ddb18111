using Xunit;

namespace Servers;

/// <summary>A test that needs kcat. Without kcat the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KafkaClientFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public KafkaClientFactAttribute() => Skip = KafkaPrograms.ReasonToSkipClient;
}
