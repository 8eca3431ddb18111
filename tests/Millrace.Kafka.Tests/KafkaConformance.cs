using Millrace.Testing;

namespace Millrace.Kafka.Tests;

/// <summary>
/// The conformance suite on librdkafka's own broker, divided in four that run at once: joining a group is waiting, and
/// costs nothing.
/// </summary>
/// <remarks>
/// That broker keeps in memory what it has while it is down. "Confirmed messages survive a crash of the broker" is
/// therefore shown of the adapter, which continues automatically, and not of Kafka. See <see cref="KafkaServer"/> for
/// what else it does not prove.
/// </remarks>
public abstract class KafkaConformance(OwnServer own) : TransportConformance
{
    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Other tests and builds share the processor.

    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(1);

    // Longer than joining a group takes: a receiver that has no partition yet is quiet.
    protected override TimeSpan QuietPeriod => TimeSpan.FromSeconds(5);

    protected override TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(20);

    protected static TheoryData<string> Quarter(int quarter) =>
        new(
            ChecksFor(TransportFeatures.BrokerStops)
                .Where((_, index) => index % 4 == quarter)
                .Select(check => check.Name));

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new(
            new KafkaTransport(
                new KafkaOptions
                {
                    Servers = own.Server.Address,
                    CreatesTopics = false,
                    TakeOverAfter = TimeSpan.FromSeconds(4),
                    DeliveryTimeout = TimeSpan.FromSeconds(15),
                }
            )
        );

    protected override ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken)
    {
        own.Server.TakeDown();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken)
    {
        own.Server.BringUp();
        return ValueTask.CompletedTask;
    }
}
