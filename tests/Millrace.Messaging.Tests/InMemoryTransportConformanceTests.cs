using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class InMemoryTransportConformanceTests : TransportConformance
{
    private readonly InMemoryBroker _broker = new();

    public static TheoryData<string> CheckNames => new(ChecksFor(Offered).Select(check => check.Name));

    private static TransportFeatures Offered =>
        TransportFeatures.ReportsUnroutable | TransportFeatures.BrokerStops | TransportFeatures.ConnectionsBreak
        | TransportFeatures.SharesImmediately;

    protected override TimeSpan QuietPeriod => TimeSpan.FromMilliseconds(30);

    protected override TimeSpan WaitTimeout => TimeSpan.FromSeconds(40); // Other tests and builds share the processor.

    [Theory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new(new InMemoryTransport(_broker));

    protected override ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken)
    {
        _broker.MakeUnavailable();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken)
    {
        _broker.MakeAvailable();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken)
    {
        _broker.MakeUnavailable();
        _broker.MakeAvailable();
        return ValueTask.CompletedTask;
    }
}
