using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>
/// Messages over Kafka: a destination is a topic, a subscription is a consumer group. An idempotent producer publishes
/// messages with their key as the record key, and waits for all copies. Offsets are committed when a message and all
/// before it in its partition are handled.
/// </summary>
public sealed class KafkaTransport : ITransport
{
    /// <summary>The transport's name, unless another one is given.</summary>
    public const string Name = "kafka";

    private readonly KafkaOptions _options;
    private readonly ILogger _logger;
    private readonly KafkaTopics _topics;
    private readonly SemaphoreSlim _opening = new(1);
    private PublishChannel? _channel;

    /// <summary>Creates a transport. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public KafkaTransport(KafkaOptions options)
        : this(options, NullLogger<KafkaTransport>.Instance)
    {
    }

    /// <summary>Creates a transport that logs the messages of its client. It connects when it is first used.</summary>
    /// <exception cref="OptionsValidationException">Options are not valid; the message lists all of them.</exception>
    public KafkaTransport(KafkaOptions options, ILogger<KafkaTransport> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        _options = options.Copy();
        if (_options.Problems().Select(problem => $"{KafkaSettings.Section}:{problem}").ToList() is
            { Count: > 0 } problems)
            throw new OptionsValidationException(Name, typeof(KafkaOptions), problems);
        _logger = logger;
        _topics = new KafkaTopics(_options, logger);
    }

    /// <inheritdoc/>
    public string System => Name;

    /// <inheritdoc/>
    public bool StopsAtFailure => false;

    /// <inheritdoc/>
    public long MaxBodyBytes => _options.MaxBodyBytes;

    /// <inheritdoc/>
    public async ValueTask Declare(TransportTopology topology, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topology);
        // A group does not need a declaration: a new one starts with the oldest message of its topic.
        var topics = new Dictionary<string, TimeSpan?>(StringComparer.Ordinal);
        foreach (var subscription in topology.Subscriptions)
        {
            // A topic is shared: if one subscription has no retention, the broker's default applies.
            var isLonger =
                !topics.TryGetValue(subscription.Destination, out var keptFor) || keptFor < subscription.Retention;
            topics[subscription.Destination] =
                isLonger || subscription.Retention is null ? subscription.Retention : keptFor;
        }
        foreach (var destination in topology.Destinations)
            topics[destination] = null;
        await _topics.Require(topics, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<PublishOutcome>> Publish(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(messages);
        cancellationToken.ThrowIfCancellationRequested();
        var channel = Volatile.Read(ref _channel) is { IsOpen: true } open
            ? open
            : await OpenPublishChannel(cancellationToken).ConfigureAwait(false);
        return await channel.Publish(messages, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReceiver> Receive(Subscription subscription, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscription);
        ArgumentOutOfRangeException.ThrowIfLessThan(subscription.Prefetch, 1);
        // The client would wait for an unavailable broker without reporting it.
        await _topics.Check(cancellationToken).ConfigureAwait(false);
        return KafkaReceiver.Open(_options, subscription, _logger);
    }

    /// <inheritdoc/>
    public ValueTask Check(CancellationToken cancellationToken) => new(_topics.Check(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
            await channel.DisposeAsync().ConfigureAwait(false);
        await _topics.DisposeAsync().ConfigureAwait(false);
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
                await broken.DisposeAsync().ConfigureAwait(false);
            var channel = PublishChannel.Open(_options, _logger);
            Volatile.Write(ref _channel, channel);
            return channel;
        }
        finally
        {
            _opening.Release();
        }
    }
}
