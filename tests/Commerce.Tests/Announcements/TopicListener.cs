using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Commerce.Tests.Announcements;

/// <summary>A listener that knows only the topics of the shop, and collects each message.</summary>
internal sealed class TopicListener : IAsyncDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<(string Topic, Message Message)> _heard = new();
    private readonly ITransport _broker;
    private readonly List<Task> _listening = [];

    private TopicListener(ITransport broker) => _broker = broker;

    /// <summary>Gets the received messages with their topics, in order.</summary>
    public IReadOnlyList<(string Topic, Message Message)> Heard => [.. _heard];

    /// <summary>Listens at topics. The listener disposes the broker at the end.</summary>
    public static async Task<TopicListener> Start(ITransport broker, params string[] topics)
    {
        var listener = new TopicListener(broker);
        var subscriptions = topics.Select(topic => new Subscription($"listener-of-{topic}", topic)).ToList();
        using var limit = new CancellationTokenSource(WaitTimeout);
        await broker.Declare(new TransportTopology([], subscriptions), limit.Token);
        foreach (var subscription in subscriptions)
            listener._listening.Add(listener.Listen(subscription));
        return listener;
    }

    /// <summary>Waits until the received messages meet a condition.</summary>
    public Task<IReadOnlyList<(string Topic, Message Message)>> WaitForMessages(
        Func<IReadOnlyList<(string Topic, Message Message)>, bool> condition) =>
        Eventually.Get(() => Task.FromResult(Heard), condition, WaitTimeout);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var listening in _listening)
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _broker.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task Listen(Subscription subscription)
    {
        await using var receiver = await _broker.Receive(subscription, _stopping.Token);
        while (!_stopping.IsCancellationRequested)
        {
            var deliveries = await receiver.Take(100, _stopping.Token);
            foreach (var delivery in deliveries)
                _heard.Enqueue(
                    (subscription.Destination, delivery.Message with { Body = delivery.Message.Body.ToArray() }));
            await receiver.Acknowledge(deliveries, _stopping.Token);
        }
    }
}
