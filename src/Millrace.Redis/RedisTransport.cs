using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Millrace.Messaging;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// A transport over Redis streams. A destination is a stream, and a subscription a group of it: messages are added by
/// <c>XADD</c>, and confirmed when Redis has answered. What that is worth is Redis' own setting: see the guide "Publish
/// to Redis".
/// </summary>
public sealed class RedisTransport : ITransport
{
    /// <summary>The transport's name.</summary>
    public const string Name = "redis";

    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisConnector _connector;
    private readonly StreamPublisher _publisher;

    // Of each subscription that one receiver has at a time, which of this transport's it is.
    private readonly ConcurrentDictionary<GroupName, LocalGroupOwner> _places = new();
    private readonly string _id;

    // Of each group that begins at the end of its stream, where that was when this transport declared it first.
    private readonly ConcurrentDictionary<GroupName, string> _ends = new();

    /// <summary>Makes a transport. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not what they must be; all of them are
    /// named.</exception>
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
            // What was put off while retries were kept has been acknowledged: nobody else would hand it over.
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

    /// <summary>Opens a connection to the server that has a group, which is one node of a cluster.</summary>
    private async ValueTask<RedisConnection> Connect(GroupName group, CancellationToken cancellationToken)
    {
        var all = await _publisher.First.Get(cancellationToken).ConfigureAwait(false);
        // Both connections of a receiver are to one server, also while another takes over.
        if (_options.SentinelService is not null)
            return await _connector.ConnectTo(all.Servers[0].EndPoint, cancellationToken).ConfigureAwait(false);
        if (!all.IsCluster)
            return await _connector.Connect(cancellationToken).ConfigureAwait(false);
        RequireOneSlot(group); // The key that says which node receives must be where the stream is.
        var server = await all.ServerOf(group.Stream, _options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
        return await _connector.ConnectTo(server.EndPoint, cancellationToken).ConfigureAwait(false);
    }

    /// <exception cref="TransportRefusedException">A cluster would have the stream in another slot than the group's
    /// retries.</exception>
    private static void RequireOneSlot(GroupName group)
    {
        if (!group.Stream.Contains('}', StringComparison.Ordinal))
            return;
        throw new TransportRefusedException(
            Name,
            $"'{group.Group}' has keys beside the stream '{group.Stream}', whose own must have no '}}' on a cluster "
                + $"and with "
            + $"{nameof(ReceiverBuilder.RetryAtBroker)}: set another KeyPrefix, or leave that out.");
    }

    /// <summary>A stream is made by what is first added to it: here it is only seen that nothing else stands in its
    /// place.</summary>
    private async ValueTask RequireStream(RedisConnection line, string destination, CancellationToken cancellationToken)
    {
        var key = _options.KeyPrefix + destination;
        var type = await line.Ask(database => database.KeyTypeAsync(key), _options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        if (type is not (RedisType.Stream or RedisType.None))
        {
            throw new TransportRefusedException(
                Name,
                $"the key '{key}' holds a {type.ToString().ToLowerInvariant()} and no stream. Remove it, or set "
                    + $"KeyPrefix."
            );
        }
    }

    private async ValueTask CreateGroup(
        RedisConnection line, Subscription subscription, CancellationToken cancellationToken)
    {
        var group = GroupOf(subscription);
        try
        {
            var begin = subscription.Retention is not null ? "$" // Answers that are lost are asked for again.
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
            // It is there already.
        }
    }

    /// <summary>
    /// Where a group begins that begins at the end: where that was first. Where Redis has lost the group, it is made
    /// again from there, and misses nothing that was added in between. Without the right to look, it begins where the
    /// stream ends then.
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
