using Millrace.Testing;

namespace Millrace.Kafka.Tests;

/// <summary>
/// The conformance suite on the mock broker of librdkafka. The checks are divided among four classes that run
/// concurrently, because the tests mostly wait until a receiver has joined its group.
/// </summary>
/// <remarks>
/// The mock broker keeps its messages in memory while it is down. So the check "Confirmed messages survive a crash of
/// the broker" only proves that the adapter continues automatically. See <see cref="KafkaServer"/> for the other limits
/// of these tests.
/// </remarks>
public abstract class KafkaConformance(KafkaServerFixture fixture) : TransportConformance
{
    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Other tests and builds share the processor.

    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(1);

    // Longer than a receiver needs to join its group. A receiver without a partition gets no messages.
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
                    Servers = fixture.Server.Address,
                    CreatesTopics = false,
                    TakeOverAfter = TimeSpan.FromSeconds(4),
                    DeliveryTimeout = TimeSpan.FromSeconds(15),
                }
            )
        );

    protected override ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken)
    {
        fixture.Server.TakeDown();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken)
    {
        fixture.Server.BringUp();
        return ValueTask.CompletedTask;
    }
}
