using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Millrace.Messaging;
using Millrace.Redis.Client;
using Millrace.Redis.Retries;
using Millrace.Redis.Streams;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// A transport over Redis streams. A destination is a stream, and a subscription is a group of it. Messages are added
/// by <c>XADD</c>, and confirmed when Redis has answered. Their durability depends on the settings of Redis: see the
/// guide "Publish to Redis".
/// </summary>
public sealed class RedisTransport : ITransport
{
    /// <summary>The transport's name.</summary>
    public const string Name = "redis";

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisConnector _connector;
    private readonly StreamPublisher _publisher;

    // For each subscription with a single receiver, which receiver of this transport is active.
    private readonly ConcurrentDictionary<GroupName, LocalGroupOwner> _places = new();
    private readonly string _id;

    // For each group that starts at the end of its stream, the end when this transport first declared it.
    private readonly ConcurrentDictionary<GroupName, string> _ends = new();

    /// <summary>Makes a transport. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public RedisTransport(RedisOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _options = RedisClient.Checked(options);
        _time = time;
        _connector = new RedisConnector(_options, time);
        _publisher = new StreamPublisher(_connector, _options, time);
        _id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
    }

    /// <inheritdoc/>
    public string System => Name;

    /// <inheritdoc/>
    public bool StopsAtFailure => false;

    /// <inheritdoc/>
    public bool KeepsRetries => true;

    /// <inheritdoc/>
    public long MaxBodyBytes => _options.MaxBodyBytes;

    /// <inheritdoc/>
    public async ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topology);
        try
        {
            var line = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
            foreach (var destination in topology.Destinations)
                await RequireStream(line, destination, cancellationToken).ConfigureAwait(false);
            foreach (var subscription in topology.Subscriptions)
                await CreateGroup(line, subscription, cancellationToken).ConfigureAwait(false);
        }
        catch (RedisErrorException exception) when (exception.IsPermanent)
        {
            throw new TransportRefusedException(Name, exception.Message, exception);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await _publisher.Publish(messages, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentOutOfRangeException.ThrowIfLessThan(subscription.Prefetch, 1);
        var group = GroupOf(subscription);
        var limits = subscription.Retries;
        if (limits is not null)
            RequireOneSlot(group);
        RedisConnection? reading = null;
        RedisConnection? telling = null;
        try
        {
            reading = await Connect(group, cancellationToken).ConfigureAwait(false);
            telling = await Connect(group, cancellationToken).ConfigureAwait(false);
            var asker = new GroupClient(group, reading, telling, _options, _time);
            IGroupLease hold = _options.SharesSubscriptions
                ? new SharedGroupLease(asker, Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"))
                : new ExclusiveGroupLease(
                    asker, _id, _places.GetOrAdd(group, static (_, time) => new LocalGroupOwner(time), _time));
            // Messages that were put off earlier are acknowledged: no other component would deliver them.
            var isPlain = limits is null && !await LeftoverRetries.Wait(asker, cancellationToken).ConfigureAwait(false);
            var receiver = new RedisReceiver(asker, hold, subscription, _options, _time, mayFindRetries: isPlain);
            if (isPlain)
                return receiver;
            var commands = new RetryCommands(asker, hold, Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"));
            return new RetryingReceiver(receiver, new RetryQueue(commands, receiver, limits, subscription.Prefetch));
        }
        catch (Exception exception)
        {
            if (reading is not null)
                await reading.DisposeAsync().ConfigureAwait(false);
            if (telling is not null)
                await telling.DisposeAsync().ConfigureAwait(false);
            if (exception is RedisErrorException or RedisConnectionLostException)
                throw Unavailable(exception);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask Check(CancellationToken cancellationToken)
    {
        try
        {
            var line = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
            await line.Ask(static database => database.PingAsync(), _options.AnswerTimeout, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisErrorException or RedisConnectionLostException)
        {
            throw Unavailable(exception);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _publisher.DisposeAsync();

    internal static TransportUnavailableException Unavailable(Exception exception) =>
        new(Name, exception.Message, exception);

    private GroupName GroupOf(Subscription subscription) =>
        new(_options.KeyPrefix + subscription.Destination, subscription.Name);

    /// <summary>Opens a connection to the server of a group, which is one node of a cluster.</summary>
    private async ValueTask<RedisConnection> Connect(GroupName group, CancellationToken cancellationToken)
    {
        var all = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
        // Both connections of a receiver must be to one server, even during a fail-over.
        if (_options.SentinelService is not null)
            return await _connector.ConnectTo(all.Servers[0].EndPoint, cancellationToken).ConfigureAwait(false);
        if (!all.IsCluster)
            return await _connector.Connect(cancellationToken).ConfigureAwait(false);
        RequireOneSlot(group); // The key of the lease must be on the node of the stream.
        var server = await all.ServerOf(group.Stream, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
        return await _connector.ConnectTo(server.EndPoint, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="TransportRefusedException">On a cluster the stream would be in another slot than the group's
    /// retries.</exception>
    private static void RequireOneSlot(GroupName group)
    {
        if (!group.Stream.Contains('}', StringComparison.Ordinal))
            return;
        throw new TransportRefusedException(
            Name,
            $"'{group.Group}' has further keys beside the stream '{group.Stream}'. Its name must not contain "
                + "'}' on a cluster "
                + $"with {nameof(ReceiverBuilder.RetryAtBroker)}: set another KeyPrefix, or omit that call.");
    }

    /// <summary>The first message creates a stream: this only checks that its key has no other type.</summary>
    private async ValueTask RequireStream(RedisConnection line, string destination, CancellationToken cancellationToken)
    {
        var key = _options.KeyPrefix + destination;
        var type = await line.Ask(database => database.KeyTypeAsync(key), _options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        if (type is not (RedisType.Stream or RedisType.None))
        {
            throw new TransportRefusedException(
                Name,
                $"the key '{key}' holds a {type.ToString().ToLowerInvariant()}, not a stream. Remove it, or set "
                    + "KeyPrefix."
            );
        }
    }

    private async ValueTask CreateGroup(
        RedisConnection line, Subscription subscription, CancellationToken cancellationToken)
    {
        var group = GroupOf(subscription);
        try
        {
            var begin = subscription.Retention is not null ? "$" // Lost answers are requested again.
                : _options.BeginsAtEnd ? await EndOf(line, group, cancellationToken).ConfigureAwait(false)
                : "0";
            await line.Ask(
                    database =>
                        database.StreamCreateConsumerGroupAsync(group.Stream, group.Group, begin, createStream: true),
                    _options.AnswerTimeout,
                    cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RedisErrorException exception) when (exception.Code == "BUSYGROUP")
        {
            // The group exists.
        }
    }

    /// <summary>
    /// Returns where a group starts that starts at the end: the end at the first declaration. If Redis has lost the
    /// group, it is created again there, and misses no messages. Without the permission to read the end, it starts at
    /// the current end.
    /// </summary>
    private async ValueTask<string> EndOf(RedisConnection line, GroupName group, CancellationToken cancellationToken)
    {
        if (_ends.TryGetValue(group, out var known))
            return known;
        try
        {
            var last = await line.Ask(
                    database => database.StreamRangeAsync(group.Stream, count: 1, messageOrder: Order.Descending),
                    _options.AnswerTimeout,
                    cancellationToken)
                .ConfigureAwait(false);
            return _ends.GetOrAdd(group, last is [var entry, ..] ? EntryId.Parse(entry.Id).ToString() : "0");
        }
        catch (RedisErrorException exception) when (exception.Code == "NOPERM")
        {
            return "$";
        }
    }
}
