using System.Net.Security;
using Millrace.Shared.Redis;

namespace Millrace.Redis;

/// <summary>
/// Options for Redis. The configuration section <c>Millrace:Redis</c> overrides the application's code. They are read
/// when the transport is created; later changes have no effect.
/// </summary>
public sealed class RedisOptions
{
    private static readonly TimeSpan MaxAnswerTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets the address of Redis: <c>redis://user:password@host:6379/0</c>, <c>rediss://</c> with TLS, or
    /// <c>host:port</c>; <c>redis://localhost:6379</c> by default. For a cluster, name some of its nodes, separated by
    /// commas.
    /// </summary>
    public string Address { get; set; } = "redis://localhost:6379";

    /// <summary>
    /// Gets or sets the name of the master at the Sentinels; null by default. If it is set, <see cref="Address"/> names
    /// the Sentinels, such as <c>redis://user:password@one:26379,two:26379/0</c>, with the user, the password and the
    /// database of Redis itself.
    /// </summary>
    public string? SentinelService { get; set; }

    /// <summary>Gets or sets the user for the Sentinels themselves; null, which is the default, for none.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>Gets or sets the password for the Sentinels themselves; null, which is the default, for none.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>
    /// Gets or sets the prefix of the keys of streams, before the name of the destination, such as <c>shop:</c>; at
    /// most 100 characters, empty by default.
    /// </summary>
    public string KeyPrefix { get; set; } = "";

    /// <summary>
    /// True if the receivers of a subscription work concurrently. False by default: one is active and the others are
    /// passive, so that a key keeps its order across all nodes. If true, each gets a part of the messages; the order of
    /// a key is then only preserved within one receiver.
    /// </summary>
    public bool SharesSubscriptions { get; set; }

    /// <summary>
    /// Gets or sets the time after which another receiver takes over the messages of a receiver that has stopped
    /// responding; from 1 second to 1 hour, 30 seconds by default. A receiver that is closed releases its messages
    /// immediately.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// True if a new subscription starts with the messages published from then on. False by default: it starts with the
    /// oldest message in the stream, so that services can start in any order.
    /// </summary>
    public bool BeginsAtEnd { get; set; }

    /// <summary>
    /// Gets or sets the approximate maximum number of messages in a stream; 0, which is the default, for no limit.
    /// Older messages are removed <b>even if they were not read</b>: a subscription that falls behind by more loses
    /// messages without notice. At most 1,000,000,000,000.
    /// </summary>
    public long MaxLength { get; set; }

    /// <summary>
    /// True if receivers periodically remove messages that every group of their stream has acknowledged. False by
    /// default: a stream keeps them. A later subscription, or a reader without a group, does not see removed messages.
    /// A group without receivers keeps everything after its position.
    /// </summary>
    public bool RemovesHandled { get; set; }

    /// <summary>
    /// Gets or sets the maximum time to connect, and for any answer that Redis can give immediately, before the
    /// connection counts as broken; from 100 milliseconds to 5 minutes, 5 seconds by default.
    /// </summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the number of replicas that must have a message before it counts as confirmed (<c>WAIT</c>); from 0
    /// to 100, 0 by default: only the server itself. The maximum wait is <see cref="AnswerTimeout"/>. While fewer
    /// replicas are in sync, nothing is published, and publishers wait.
    /// </summary>
    public int Replicas { get; set; }

    /// <summary>
    /// Gets or sets the maximum size of a message's body in bytes; from 1 KB to 256 MB, 16 MB by default.
    /// </summary>
    public long MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Sets further TLS options, such as trusted authorities; none by default: the machine's own authorities are
    /// trusted.
    /// </summary>
    public Action<SslClientAuthenticationOptions>? ConfigureTls { get; set; }

    internal RedisOptions Copy() => (RedisOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        // The value is not repeated: it may contain a password.
        if (RedisAddress.TryParse(Address) is null)
            yield return $"Address: must be {RedisAddress.Form}.";
        if (SentinelService is { Length: 0 or > 100 })
            yield return $"SentinelService: must have 1 to 100 characters, but has {SentinelService.Length}.";
        if (SentinelService is null && (SentinelUser ?? SentinelPassword) is not null)
            yield return "SentinelService: must be set if SentinelUser or SentinelPassword is.";
        if (KeyPrefix.Length > 100)
            yield return $"KeyPrefix: must have at most 100 characters, but has {KeyPrefix.Length}.";
        if (TakeOverAfter < TimeSpan.FromSeconds(1) || TakeOverAfter > TimeSpan.FromHours(1))
            yield return $"TakeOverAfter: must be from 1 second to 1 hour, but is {TakeOverAfter}.";
        if (MaxLength is < 0 or > 1_000_000_000_000)
            yield return $"MaxLength: must be from 0 to 1,000,000,000,000, but is {MaxLength:N0}.";
        if (AnswerTimeout < TimeSpan.FromMilliseconds(100) || AnswerTimeout > MaxAnswerTimeout)
            yield return $"AnswerTimeout: must be from 100 milliseconds to 5 minutes, but is {AnswerTimeout}.";
        if (Replicas is < 0 or > 100)
            yield return $"Replicas: must be from 0 to 100, but is {Replicas:N0}.";
        if (MaxBodyBytes is < 1024 or > 256 * 1024 * 1024)
            yield return $"MaxBodyBytes: must be from 1,024 to 268,435,456, but is {MaxBodyBytes:N0}.";
    }
}
