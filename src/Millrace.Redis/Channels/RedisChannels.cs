using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Redis.Channels;
using Millrace.Redis.Client;

namespace Millrace.Redis;

/// <summary>
/// Messages between nodes over Redis publish and subscribe: delivered immediately to current subscribers, and not
/// stored. Safe to use from several threads.
/// </summary>
/// <remarks>
/// Delivery is not guaranteed: use a transport for that. It is guaranteed that a subscriber learns when it may have
/// missed messages, by a <see cref="RedisChannelMessage.IsGap"/>: at the start, after each loss of the connection, and
/// if it read too slowly. Use a message only as a signal that something has changed, and read the state from where it
/// is stored. Connections are opened when they are needed, and reopened automatically with a back-off.
/// </remarks>
public sealed class RedisChannels : IAsyncDisposable
{
    private readonly RedisClient _client;
    private readonly ChannelListener _listener;

    /// <summary>Creates the channels. They connect when they are first used.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not valid; the message
    /// lists all of them.</exception>
    public RedisChannels(RedisOptions options, TimeProvider time, ILogger<RedisChannels>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _client = new RedisClient(options, time);
        _listener = new ChannelListener(_client.Connector, time, logger ?? NullLogger<RedisChannels>.Instance);
    }

    /// <summary>Gets a description of the address for logs.</summary>
    public string Description => _client.Description;

    /// <summary>
    /// Sends a message to all current subscribers. A replica would only reach its own subscribers, so the message is
    /// sent to the server to which the address leads.
    /// </summary>
    /// <returns>The number of connections that received it, including any whose network has just failed.</returns>
    /// <exception cref="TransportUnavailableException">Redis is unavailable, or is a replica.</exception>
    /// <exception cref="TransportRefusedException">Redis does not allow it.</exception>
    public async Task<long> Publish(
        string channel,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    ) => await _client.Publish(NameOf(channel), body, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Subscribes to a channel. The subscription starts with a gap as soon as Redis has it, even if Redis is
    /// unavailable now.
    /// </summary>
    /// <param name="channel">The channel, without the key prefix of the options.</param>
    /// <param name="capacity">The maximum number of messages that wait to be read; from 1 to 1,000,000.</param>
    public RedisSubscription Subscribe(string channel, int capacity = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1_000_000);
        var subscription = new RedisSubscription(this, NameOf(channel), capacity);
        _listener.Add(subscription);
        return subscription;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
    }

    internal ValueTask Remove(RedisSubscription subscription) => _listener.Remove(subscription);

    private string NameOf(string channel)
    {
        ArgumentException.ThrowIfNullOrEmpty(channel);
        var name = _client.KeyPrefix + channel;
        return Encoding.UTF8.GetByteCount(name) <= 512 ? name : throw new InvalidNameException(
            "channel", channel, "it must have at most 512 bytes, with the key prefix");
    }
}
