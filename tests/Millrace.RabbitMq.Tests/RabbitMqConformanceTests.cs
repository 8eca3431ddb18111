using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>Runs the conformance checks of transports on a server, through a proxy that a test can cut.</summary>
public sealed class RabbitMqConformanceTests : TransportConformance, IAsyncLifetime
{
    private TcpProxy? _proxy;

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(TransportFeatures.ReportsUnroutable | TransportFeatures.ConnectionsBreak)
                .Select(check => check.Name));

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(1);

    protected override TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(30);

    [RabbitMqTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public async Task InitializeAsync()
    {
        if (RabbitMqPrograms.ReasonToSkip is null)
            _proxy = ProxyTo((await RabbitMqServer.Shared).Port);
    }

    public async Task DisposeAsync()
    {
        if (_proxy is not null)
            await _proxy.DisposeAsync();
    }

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new(
            new RabbitMqTransport(
                new RabbitMqOptions
                {
                    Uri = $"amqp://127.0.0.1:{_proxy!.Port}", // Not null unless the tests are skipped.
                }
            )
        );

    protected override ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken)
    {
        _proxy!.Cut(); // Not null unless the tests are skipped.
        _proxy.Restore();
        return ValueTask.CompletedTask;
    }

    private static TcpProxy ProxyTo(int port) => new(port);
}
