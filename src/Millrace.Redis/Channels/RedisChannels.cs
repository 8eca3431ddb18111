using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Millrace.Redis;

/// <summary>
/// Messages from node to node over Redis' publish and subscribe: at once to whoever listens, kept by nobody. Safe to
/// use from several threads.
/// </summary>
/// <remarks>
/// Nothing here is a promise that a message arrives: use a transport for that. What is promised is that a subscriber
/// learns when it may have missed something, by a <see cref="RedisChannelMessage.IsGap"/>: at the beginning, after each
/// break of the connection, and when it read too slowly. So a message says that something has changed, and the state is
/// read where it is kept. Connections are opened when they are needed, and again by themselves with a back-off.
/// </remarks>
public sealed class RedisChannels : IAsyncDisposable
{
    private readonly RedisClient _client;
    private readonly ChannelListener _listener;

    /// <summary>Makes them. They connect when they are first used.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not what they must be; all
    /// of them are named.</exception>
    public RedisChannels(RedisOptions options, TimeProvider time, ILogger<RedisChannels>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        _client = new RedisClient(options, time);
        _listener = new ChannelListener(_client.Connector, time, logger ?? NullLogger<RedisChannels>.Instance);
    }

    /// <summary>Where they are, for people.</summary>
    public string Description => _client.Description;

    /// <summary>Sends a message to all who listen now. At a replica that would be its own listeners only: it is left
    /// for the server to which the address leads.</summary>
    /// <returns>To how many connections it went. One whose network has just broken is among them.</returns>
    /// <exception cref="TransportUnavailableException">Redis is away, or is a replica.</exception>
    /// <exception cref="TransportRefusedException">Redis does not let us.</exception>
    public async Task<long> Publish(
        string channel,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    ) => await _client.Publish(NameOf(channel), body, cancellationToken).ConfigureAwait(false);

    /// <summary>Listens to a channel. It begins with a gap as soon as Redis has it, also where that is away
    /// now.</summary>
    /// <param name="channel">The channel; the key prefix of the options stands before it.</param>
    /// <param name="capacity">How many messages may wait to be read; from 1 to 1,000,000.</param>
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
