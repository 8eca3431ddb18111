namespace Millrace.Kafka.Tests;

/// <summary>A Kafka server that the tests of one class share.</summary>
public sealed class KafkaServerFixture : IDisposable
{
    public KafkaServer Server { get; } = new();

    public void Dispose() => Server.Dispose();
}
