using Millrace.Benchmarks.Harness;
using Servers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// The benchmarks of messages and processes. Each broker is a private server, which starts when it is first used.
/// </summary>
internal sealed class MessagingScenarios : IAsyncDisposable
{
    private readonly List<IBenchBroker> _brokers = [];

    /// <summary>Creates the benchmarks for the brokers that are installed on this machine.</summary>
    public MessagingScenarios()
    {
        if (RabbitMqPrograms.AreInstalled)
            _brokers.Add(new RabbitMqBroker());
        if (RedisPrograms.Server is not null)
            _brokers.Add(new RedisBroker());
        _brokers.Add(new KafkaBroker());
    }

    public IScenario[] All() =>
    [
        .. _brokers.Select(broker => new DurablePublishScenario(broker, hasEvents: false, goal: 0.7)),
        .. _brokers.Select(broker => new DurablePublishScenario(broker, hasEvents: true, goal: 0.7)),
        .. _brokers.Select(broker => new ReceiveScenario(broker, hasRows: false, goal: 0.5)),
        .. _brokers.Select(broker => new ReceiveScenario(broker, hasRows: true, goal: 0.5)),
        .. _brokers.Select(broker => new CommitToReceivedScenario(broker)),
        new ProcessScenario(),
        new IdleScenario(),
        new IdleTimersScenario(),
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var broker in _brokers)
            await broker.DisposeAsync();
    }
}
