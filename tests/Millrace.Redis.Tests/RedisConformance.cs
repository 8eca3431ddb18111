using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>Runs the conformance checks of transports on a real server that is killed and restarted.</summary>
public abstract class RedisConformance(RedisServer server, bool sharesSubscriptions) : TransportConformance
{
    protected override TimeSpan CheckTimeout => TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    protected override TimeSpan WaitTimeout => TimeSpan.FromMinutes(1);

    protected override TimeSpan ConfirmTimeout => TimeSpan.FromSeconds(30);

    protected override ValueTask<ITransport> Create(CancellationToken cancellationToken) => new(new RedisTransport(
        new RedisOptions
        {
            Address = server.Address,
            SharesSubscriptions = sharesSubscriptions,
            TakeOverAfter = TimeSpan.FromSeconds(6),
            AnswerTimeout = TimeSpan.FromSeconds(20),
        },
        TimeProvider.System));

    protected override async ValueTask StopBroker(ITransport transport, CancellationToken cancellationToken) =>
        await server.Crash();

    protected override async ValueTask StartBroker(ITransport transport, CancellationToken cancellationToken) =>
        await server.Restart();

    protected override async ValueTask CutConnections(ITransport transport, CancellationToken cancellationToken) =>
        await server.CutConnections();
}
