using Microsoft.Extensions.Logging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Channels;

/// <summary>
/// Keeps one connection for all channels on which a node listens. It is opened for the first subscriber. It is reopened
/// with a back-off if it breaks, or if its server is a replica and the address leads to another server. Each time that
/// Redis has accepted a channel, the subscribers of this channel get a gap.
/// </summary>
internal sealed partial class ChannelListener(RedisConnector connector, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _changed = new(0, 1);

    private readonly Lock _lock = new(); // Guards the following fields.
    private readonly Dictionary<string, List<RedisSubscription>> _subscribers = new(StringComparer.Ordinal);
    private readonly HashSet<RedisSubscription> _newSubscribers = [];
    private Task? _running;
    private bool _isDisposed;

    public void Add(RedisSubscription subscription)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(RedisChannels));
            if (!_subscribers.TryGetValue(subscription.Channel, out var others))
                _subscribers[subscription.Channel] = others = [];
            others.Add(subscription);
            _newSubscribers.Add(subscription);
            _running ??= Task.Run(() => Run(_closing.Token), CancellationToken.None);
        }
        SignalChange();
    }

    public ValueTask Remove(RedisSubscription subscription)
    {
        lock (_lock)
        {
            _newSubscribers.Remove(subscription);
            if (_subscribers.TryGetValue(subscription.Channel, out var others)
                && others.Remove(subscription)
                && others.Count == 0)
                _subscribers.Remove(subscription.Channel);
        }
        SignalChange();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            running = _running;
            foreach (var subscription in _subscribers.Values.SelectMany(static one => one))
                subscription.End();
            _subscribers.Clear();
        }
        await _closing.CancelAsync().ConfigureAwait(false);
        if (running is not null)
            await running.ConfigureAwait(false);
        _closing.Dispose();
        _changed.Dispose();
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Listen(() => pause = FirstPause, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
            {
                Log.Broken(logger, pause.TotalMilliseconds, exception);
            }
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    /// <summary>Listens over one connection until it breaks, or its server has become a replica.</summary>
    private async Task Listen(Action onSubscribed, CancellationToken cancellationToken)
    {
        var connection = await connector.ConnectListener(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var subscribed = new Dictionary<string, ChannelMessageQueue>(StringComparer.Ordinal);
            while (true)
            {
                await Subscribe(connection, subscribed, cancellationToken).ConfigureAwait(false);
                onSubscribed();
                await WaitForChange(connection, cancellationToken).ConfigureAwait(false);
                if (connection.Failure is { } failure)
                    throw new RedisConnectionLostException(failure.Message, failure);
                await connection.Ask("PING", [], connector.AnswerTimeout, cancellationToken).ConfigureAwait(false);
                if (await HasAddressMoved(connection, cancellationToken).ConfigureAwait(false))
                    throw new RedisConnectionLostException(
                        "the server is a replica, and its address leads to a server that accepts writes.");
            }
        }
    }

    /// <summary>
    /// Returns true if the server is a replica and the address leads to a server that is not. Until then,
    /// listening at a replica is sufficient: it receives the messages that are published at its master.
    /// </summary>
    private async Task<bool> HasAddressMoved(RedisConnection connection, CancellationToken cancellationToken)
    {
        if (connector.IsCluster)
            return false; // Each node receives the messages of the others.
        if (!await ServerRole.IsReplica(connection, connector.AnswerTimeout, cancellationToken).ConfigureAwait(false))
            return false;
        try
        {
            var other = await connector.Connect(cancellationToken).ConfigureAwait(false);
            await using (other.ConfigureAwait(false))
                return !await ServerRole
                    .IsReplica(other, connector.AnswerTimeout, cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisConnectionLostException or RedisErrorException)
        {
            return false; // The address does not lead to another server yet.
        }
    }

    /// <summary>
    /// Subscribes to the channels that have subscribers, unsubscribes from all others, and reports gaps.
    /// </summary>
    private async Task Subscribe(
        RedisConnection connection, Dictionary<string, ChannelMessageQueue> subscribed,
        CancellationToken cancellationToken)
    {
        List<string> toSubscribe, toUnsubscribe;
        lock (_lock)
        {
            toSubscribe = [.. _subscribers.Keys.Where(channel => !subscribed.ContainsKey(channel))];
            toUnsubscribe = [.. subscribed.Keys.Where(channel => !_subscribers.ContainsKey(channel))];
        }
        foreach (var channel in toUnsubscribe)
        {
            var queue = subscribed[channel];
            await connection.Ask(_ => End(queue), connector.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            subscribed.Remove(channel);
        }
        var newQueues = new List<ChannelMessageQueue>();
        foreach (var channel in toSubscribe)
        {
            var queue = await connection
                .Ask(
                    _ => connection.Subscriber.SubscribeAsync(RedisChannel.Literal(channel)),
                    connector.AnswerTimeout,
                    cancellationToken)
                .ConfigureAwait(false);
            subscribed.Add(channel, queue);
            newQueues.Add(queue);
        }
        ReportGaps(subscribed, toSubscribe);
        foreach (var queue in newQueues)
            queue.OnMessage(Deliver); // Messages since the subscription wait in the queue.
    }

    private static async Task<bool> End(ChannelMessageQueue queue)
    {
        await queue.UnsubscribeAsync().ConfigureAwait(false);
        return true;
    }

    private void ReportGaps(Dictionary<string, ChannelMessageQueue> subscribed, List<string> toSubscribe)
    {
        lock (_lock)
        {
            foreach (var (channel, subscriptions) in _subscribers)
            {
                if (!subscribed.ContainsKey(channel))
                    continue; // A subscriber was added meanwhile; the next call subscribes to its channel.
                var needGap = subscriptions.Where(one => _newSubscribers.Remove(one) || toSubscribe.Contains(channel));
                foreach (var subscription in needGap)
                    subscription.Add(RedisChannelMessage.Gap);
            }
        }
    }

    private async Task WaitForChange(RedisConnection connection, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waits = new[]
        {
            connection.Broken,
            _changed.WaitAsync(ending.Token),
            Task.Delay(PingInterval, time, ending.Token),
        };
        await Task.WhenAny(waits).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        await ending.CancelAsync().ConfigureAwait(false);
        await waits[1].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await waits[2].ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Deliver(ChannelMessage message)
    {
        lock (_lock)
        {
            if (!_subscribers.TryGetValue(message.SubscriptionChannel.ToString(), out var subscriptions))
                return;
            foreach (var subscription in subscriptions)
                subscription.Add(new RedisChannelMessage(false, message.Message));
        }
    }

    private void SignalChange()
    {
        lock (_lock)
        {
            if (!_isDisposed && _changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 11101,
            Level = LogLevel.Warning,
            Message = "The connection to channels of Redis broke. It is reopened in {PauseMs} "
                + "ms, and reported as a gap."
        )]
        public static partial void Broken(ILogger logger, double pauseMs, Exception exception);
    }
}
