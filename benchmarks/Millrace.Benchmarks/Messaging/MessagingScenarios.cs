using Millrace.Benchmarks.Harness;
using Servers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>What is measured of messages and processes. Brokers are private servers, started when they are first needed.</summary>
internal sealed class MessagingScenarios : IAsyncDisposable
{
    private readonly List<IBenchBroker> _brokers = [];

    /// <summary>Starts the brokers that this machine has.</summary>
    public static async Task<MessagingScenarios> Open()
    {
        var opened = new MessagingScenarios();
        if (RabbitMqPrograms.AreThere)
            opened._brokers.Add(await RabbitMqBroker.Start());
        if (RedisPrograms.Server is not null)
            opened._brokers.Add(await RedisBroker.Start());
        if (KafkaPrograms.AreThere)
            opened._brokers.Add(KafkaBroker.Start());
        return opened;
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
