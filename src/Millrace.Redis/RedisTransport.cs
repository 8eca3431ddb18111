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

    // The active receiver of this transport, for each group whose receivers do not share it.
    private readonly ConcurrentDictionary<GroupName, LocalGroupOwner> _localOwners = new();
    private readonly string _id;

    // The end of the stream when this transport first declared a group that starts at the end.
    private readonly ConcurrentDictionary<GroupName, string> _firstEnds = new();

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
            var connection = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
            foreach (var destination in topology.Destinations)
                await RequireStream(connection, destination, cancellationToken).ConfigureAwait(false);
            foreach (var subscription in topology.Subscriptions)
                await CreateGroup(connection, subscription, cancellationToken).ConfigureAwait(false);
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
        RedisConnection? reporting = null;
        try
        {
            reading = await Connect(group, cancellationToken).ConfigureAwait(false);
            reporting = await Connect(group, cancellationToken).ConfigureAwait(false);
            var client = new GroupClient(group, reading, reporting, _options, _time);
            IGroupLease lease = _options.SharesSubscriptions
                ? new SharedGroupLease(client, Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"))
                : new ExclusiveGroupLease(
                    client, _id, _localOwners.GetOrAdd(group, static (_, time) => new LocalGroupOwner(time), _time));
            // Messages that were postponed earlier are acknowledged, so only the queue of retries delivers them.
            var isPlain = limits is null && !await LeftoverRetries.Exist(client, cancellationToken)
                .ConfigureAwait(false);
            var receiver = new RedisReceiver(client, lease, subscription, _options, _time, mayFindRetries: isPlain);
            if (isPlain)
                return receiver;
            var commands = new RetryCommands(client, lease, Guid.CreateVersion7(_time.GetUtcNow()).ToString("N"));
            return new RetryingReceiver(receiver, new RetryQueue(commands, receiver, limits, subscription.Prefetch));
        }
        catch (Exception exception)
        {
            if (reading is not null)
                await reading.DisposeAsync().ConfigureAwait(false);
            if (reporting is not null)
                await reporting.DisposeAsync().ConfigureAwait(false);
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
            var connection = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
            await connection.Ask(static database => database.PingAsync(), _options.AnswerTimeout, cancellationToken)
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

    /// <summary>Opens a connection to the server of a group; in a cluster, to one node.</summary>
    private async ValueTask<RedisConnection> Connect(GroupName group, CancellationToken cancellationToken)
    {
        var shared = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
        // Both connections of a receiver must be to one server, even during a fail-over.
        if (_options.SentinelService is not null)
            return await _connector.ConnectTo(shared.Servers[0].EndPoint, cancellationToken).ConfigureAwait(false);
        if (!shared.IsCluster)
            return await _connector.Connect(cancellationToken).ConfigureAwait(false);
        RequireOneSlot(group); // The key of the lease must be on the node of the stream.
        var server = await shared.ServerOf(group.Stream, _options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        return await _connector.ConnectTo(server.EndPoint, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="TransportRefusedException">On a cluster, the stream would be in another slot than the other
    /// keys of the group.</exception>
    private static void RequireOneSlot(GroupName group)
    {
        if (!group.Stream.Contains('}', StringComparison.Ordinal))
            return;
        throw new TransportRefusedException(
            Name,
            $"'{group.Group}' has further keys in addition to the stream '{group.Stream}'. The name of the stream "
                + $"must not contain '}}' on a cluster or with {nameof(ReceiverBuilder.RetryAtBroker)}: use another "
                + $"KeyPrefix or destination or, without a cluster, omit {nameof(ReceiverBuilder.RetryAtBroker)}.");
    }

    /// <summary>Checks that the key of a stream has no other type. The first message creates the stream.</summary>
    private async ValueTask RequireStream(
        RedisConnection connection, string destination, CancellationToken cancellationToken)
    {
        var key = _options.KeyPrefix + destination;
        var type = await connection.Ask(
            database => database.KeyTypeAsync(key), _options.AnswerTimeout, cancellationToken)
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
        RedisConnection connection, Subscription subscription, CancellationToken cancellationToken)
    {
        var group = GroupOf(subscription);
        try
        {
            // A subscription with a retention receives answers, and lost answers are requested again.
            var begin = subscription.Retention is not null ? "$"
                : _options.BeginsAtEnd ? await EndOf(connection, group, cancellationToken).ConfigureAwait(false)
                : "0";
            await connection.Ask(
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
    /// Returns the id at which a group starts that starts at the end of its stream: the end at the first declaration.
    /// If Redis loses the group, it is created again at this id, and misses no messages. Without the permission to read
    /// the end, the group starts at the current end.
    /// </summary>
    private async ValueTask<string> EndOf(
        RedisConnection connection, GroupName group, CancellationToken cancellationToken)
    {
        if (_firstEnds.TryGetValue(group, out var known))
            return known;
        try
        {
            var last = await connection.Ask(
                    database => database.StreamRangeAsync(group.Stream, count: 1, messageOrder: Order.Descending),
                    _options.AnswerTimeout,
                    cancellationToken)
                .ConfigureAwait(false);
            return _firstEnds.GetOrAdd(group, last is [var entry, ..] ? EntryId.Parse(entry.Id).ToString() : "0");
        }
        catch (RedisErrorException exception) when (exception.Code == "NOPERM")
        {
            return "$";
        }
    }
}
