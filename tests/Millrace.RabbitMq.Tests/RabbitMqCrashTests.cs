using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>Runs the conformance checks that kill the broker, on a separate server.</summary>
public sealed class RabbitMqCrashTests(RabbitMqCrashTests.OwnServer own)
    : TransportConformance,
        IClassFixture<RabbitMqCrashTests.OwnServer>
{
    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(TransportFeatures.BrokerStops)
                .Where(check => check.Needs == TransportFeatures.BrokerStops)
                .Select(check => check.Name));

    // While other tests run, a broker needs up to half a minute to start, and more on a slow machine.
    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(2);

    protected override TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(30);

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(6);

    [RabbitMqTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new(
            new DurableQueueTransport(
                new RabbitMqTransport(
                    new RabbitMqOptions { Uri = own.Server.Uri, ConnectTimeout = TimeSpan.FromSeconds(20) }
                ),
                own.Server));

    protected override async ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken) =>
        await own.Server.Crash();

    protected override async ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken) =>
        await own.Server.Restart();

    public sealed class OwnServer : IAsyncLifetime
    {
        private RabbitMqServer? _server;

        public RabbitMqServer Server =>
            _server ?? throw new InvalidOperationException($"This {RabbitMqPrograms.Missing}.");

        public async Task InitializeAsync()
        {
            if (RabbitMqPrograms.AreInstalled)
                _server = await RabbitMqServer.Start();
        }

        public async Task DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
        }
    }
}
