using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

/// <summary>The suite on one server, through a line that can be cut.</summary>
public sealed class RabbitMqConformanceTests : TransportConformance, IAsyncLifetime
{
    private TcpProxy? _line;

    public static TheoryData<string> CheckNames =>
        new(
            ChecksFor(TransportFeatures.ReportsUnroutable | TransportFeatures.ConnectionsBreak)
                .Select(check => check.Name));

    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Other tests and builds share the processor.

    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(1);

    protected override TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(30);

    [RabbitMqTheory]
    [MemberData(nameof(CheckNames))]
    public Task Passes_the_conformance_check(string check) => Run(check);

    public async Task InitializeAsync()
    {
        if (RabbitMqPrograms.ReasonToSkip is null)
            _line = LineTo((await RabbitMqServer.Shared).Port);
    }

    public async Task DisposeAsync()
    {
        if (_line is not null)
            await _line.DisposeAsync();
    }

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) =>
        new(
            new RabbitMqTransport(
                new RabbitMqOptions
                {
                    Uri = $"amqp://127.0.0.1:{_line!.Port}", // A test that runs has one.
                }
            )
        );

    protected override ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken)
    {
        _line!.Cut(); // As above.
        _line.Restore();
        return ValueTask.CompletedTask;
    }

    private static TcpProxy LineTo(int port) => new(port);
}
