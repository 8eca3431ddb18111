using Millrace.Messaging;
using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// Messages over RabbitMQ (AMQP 0-9-1): a destination is a durable topic exchange with the type as routing key. A
/// subscription is a durable queue with bindings for its types. Publishing and receiving use separate connections, so
/// that a broker that slows publishers down does not slow down receivers.
/// </summary>
public sealed class RabbitMqTransport : ITransport
{
    /// <summary>The transport's name, unless another name is given.</summary>
    public const string Name = "rabbitmq";

    private const string AllTypes = "#";

    private readonly RabbitMqOptions _options;
    private readonly RabbitMqConnection _publishing;
    private readonly RabbitMqConnection _receiving;
    private readonly FirstMessagePublisher _firstMessages;
    private readonly SemaphoreSlim _opening = new(1);
    private PublishChannel? _channel;

    /// <summary>Creates a transport. It connects when it is first used.</summary>
    /// <exception cref="ArgumentException">Options are out of range.</exception>
    public RabbitMqTransport(RabbitMqOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _publishing = new RabbitMqConnection(options, "publisher");
        _receiving = new RabbitMqConnection(options, "receiver");
        _firstMessages = new FirstMessagePublisher(_publishing, MaxBodyBytes);
    }

    /// <inheritdoc/>
    public string System => Name;

    /// <inheritdoc/>
    public bool StopsAtFailure => false;

    /// <inheritdoc/>
    public long MaxBodyBytes => _options.MaxBodyBytes;

    /// <inheritdoc/>
    public ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topology);
        return BrokerFailure.ConvertErrors(() => DeclareOn(topology, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        // Get the channel first: if a destination closed the previous one, this forgets all known destinations.
        var channel = _channel is { IsOpen: true } open
            ? open
            : await OpenPublishChannel(cancellationToken).ConfigureAwait(false);
        return _firstMessages.HasPublishedToAll(messages)
            ? await channel.Publish(messages, MaxBodyBytes, cancellationToken).ConfigureAwait(false)
            : await _firstMessages
                .Publish(messages, (known, cancel) => channel.Publish(known, MaxBodyBytes, cancel), cancellationToken)
                .ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        RabbitMqReceiver? receiver = null;
        await BrokerFailure.ConvertErrors(async () =>
        {
            var connection = await _receiving.Get(cancellationToken).ConfigureAwait(false);
            receiver = await RabbitMqReceiver.Open(connection, subscription, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
        return receiver!; // Set, or an exception was thrown above.
    }

    /// <inheritdoc/>
    public ValueTask Check(CancellationToken cancellationToken) => BrokerFailure.ConvertErrors(async () =>
    {
        if (_publishing.Blocked is { } reason)
            throw new TransportUnavailableException(Name, $"it temporarily refuses messages: {reason}.");
        var connection = await _receiving.Get(cancellationToken).ConfigureAwait(false);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.DisposeAsync().ConfigureAwait(false);
    }, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeAsync().ConfigureAwait(false);
        await _publishing.DisposeAsync().ConfigureAwait(false);
        await _receiving.DisposeAsync().ConfigureAwait(false);
        _firstMessages.Dispose();
        _opening.Dispose();
    }

    private async ValueTask<PublishChannel> OpenPublishChannel(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_channel is { IsOpen: true } open)
                return open;
            if (_channel is { } broken)
            {
                if (broken.WasRefused)
                    _firstMessages.Forget();
                await broken.DisposeAsync().ConfigureAwait(false);
            }
            _channel = null;
            await BrokerFailure.ConvertErrors(async () =>
            {
                var connection = await _publishing.Get(cancellationToken).ConfigureAwait(false);
                _channel = await PublishChannel.Open(connection, cancellationToken).ConfigureAwait(false);
            }, cancellationToken).ConfigureAwait(false);
            return _channel!; // Set, or an exception was thrown above.
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task DeclareOn(TransportTopology topology, CancellationToken cancellationToken)
    {
        var connection = await _receiving.Get(cancellationToken).ConfigureAwait(false);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (channel.ConfigureAwait(false))
        {
            foreach (var destination in topology.Destinations)
                await DeclareExchange(channel, destination, cancellationToken).ConfigureAwait(false);
            foreach (var subscription in topology.Subscriptions)
                await DeclareQueue(channel, subscription, cancellationToken).ConfigureAwait(false);
        }
        _firstMessages.Require(
            topology.Destinations.Concat(topology.Subscriptions.Select(static one => one.Destination)));
    }

    private async Task DeclareQueue(IChannel channel, Subscription subscription, CancellationToken cancellationToken)
    {
        await DeclareExchange(channel, subscription.Destination, cancellationToken).ConfigureAwait(false);
        var arguments = new Dictionary<string, object?>
        {
            ["x-queue-type"] = _options.UsesQuorumQueues && subscription.Retention is null ? "quorum" : "classic",
            ["x-single-active-consumer"] = _options.HasSingleActiveConsumer,
        };
        if (subscription.Retention is { } keptFor)
            arguments["x-expires"] = (int)Math.Clamp(keptFor.TotalMilliseconds, 1_000, int.MaxValue);
        await channel
            .QueueDeclareAsync(
                subscription.Name,
                durable: true,
                exclusive: false,
                autoDelete: false,
                arguments,
                cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<string> keys = subscription.Types.Count == 0 ? [AllTypes] : subscription.Types;
        foreach (var key in keys)
        {
            await channel
                .QueueBindAsync(subscription.Name, subscription.Destination, key, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static Task DeclareExchange(IChannel channel, string destination, CancellationToken cancellationToken) =>
        channel.ExchangeDeclareAsync(
            destination, ExchangeType.Topic, durable: true, cancellationToken: cancellationToken);
}
