namespace Millrace.Kafka.Tests;

/// <summary>The server of one class of tests.</summary>
public sealed class OwnServer : IDisposable
{
    public KafkaServer Server { get; } = new();

    public void Dispose() => Server.Dispose();
}
