using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Tuning;

namespace Millrace.Messaging.Tests;

/// <summary>Tests what a tuning run switches of a publisher.</summary>
public sealed class PublisherTuningTests
{
    private const string Publisher = "publish.memory";

    private readonly InMemoryBroker _broker = new();
    private readonly ConcurrentQueue<int> _sent = [];

    [Fact]
    public async Task A_publisher_has_its_own_setting_of_batches_and_no_workers()
    {
        await using var node = await Start(batchMessages: 200);

        var host = node.ConsumerHost;
        var target = new TuningTarget(host.FindAll(Publisher), null, host.Options, static () => 0);

        Assert.False(target.HasWorkers);
        Assert.Equal((1, 1), (target.MaxWorkers, target.PresentWorkers));
        Assert.Equal((200, 800), (target.PresentBatchEvents, target.MaxBatchEvents));
        Assert.Equal(Setting, target.BatchSetting);
    }

    [Fact]
    public async Task A_trial_sets_the_number_of_unconfirmed_messages()
    {
        await using var node = await Start(batchMessages: 2);
        var trial = new LoadTrial(40, null, TimeProvider.System);
        foreach (var publisher in node.ConsumerHost.FindAll(Publisher))
            publisher.Processor.Trial = trial;
        var request = new AppendRequest();
        for (var i = 0; i < 50; i++)
            request.To(new StreamId($"order-{i}"), ExpectedVersion.NoStream, new Placed($"{i}", 1));

        await node.Store.Append(request);
        await node.WaitUntilFinished(Publisher);

        Assert.Equal(50, _sent.Sum());
        Assert.Contains(_sent, static count => count > 2);
    }

    private static string Setting => $"Millrace:Messaging:{InMemoryTransport.Name}:BatchMessages";

    private Task<Node> Start(int batchMessages) => Node.Start(
        millrace => millrace.UseTransport(
            InMemoryTransport.Name,
            _ => new FaultyTransport(_broker) { MapSent = Count },
            static transport => transport.PublishAll("audit")),
        settings: new Dictionary<string, string?>
        {
            [Setting] = $"{batchMessages}",
            [$"Millrace:Messaging:{InMemoryTransport.Name}:AllowsUnroutable"] = "true", // Nobody subscribes.
        });

    private IReadOnlyList<OutgoingMessage> Count(IReadOnlyList<OutgoingMessage> messages)
    {
        _sent.Enqueue(messages.Count);
        return messages;
    }
}
