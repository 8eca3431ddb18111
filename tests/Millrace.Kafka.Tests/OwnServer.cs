namespace Millrace.Kafka.Tests;

/// <summary>The server of one class of tests; none where librdkafka is missing and the tests are skipped.</summary>
public sealed class OwnServer : IDisposable
{
    private readonly KafkaServer? _server = KafkaPrograms.AreThere ? new KafkaServer() : null;

    public KafkaServer Server => _server ?? throw new InvalidOperationException($"This {KafkaPrograms.Missing}.");

    public void Dispose() => _server?.Dispose();
}
