using System.Net.Security;

namespace Millrace.Redis;

/// <summary>
/// How messages go over Redis. From the configuration section <c>Millrace:Redis</c>, which comes after the
/// application's own code and wins. Read when the transport is made; later changes have no effect.
/// </summary>
public sealed class RedisOptions
{
    private static readonly TimeSpan MaxAnswerTimeout = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Where Redis is: <c>redis://user:password@host:6379/0</c>, <c>rediss://</c> with TLS, or <c>host:port</c>;
    /// <c>redis://localhost:6379</c> by default. Of a cluster some of its nodes are named, with commas between them.
    /// </summary>
    public string Address { get; set; } = "redis://localhost:6379";

    /// <summary>
    /// What Sentinels call the master; null by default. When it is set, <see cref="Address"/> names the Sentinels, such
    /// as <c>redis://user:password@one:26379,two:26379/0</c>, with the user, the password and the database of Redis
    /// itself.
    /// </summary>
    public string? SentinelService { get; set; }

    /// <summary>The user of the Sentinels themselves; null, which is the default, for none.</summary>
    public string? SentinelUser { get; set; }

    /// <summary>The password of the Sentinels themselves; null, which is the default, for none.</summary>
    public string? SentinelPassword { get; set; }

    /// <summary>
    /// What the keys of streams begin with, before the name of the destination, such as <c>shop:</c>; at most 100
    /// characters, empty by default.
    /// </summary>
    public string KeyPrefix { get; set; } = "";

    /// <summary>
    /// Whether the receivers of a subscription work at the same time; false by default: one works and the others stand
    /// by, so that a key keeps its order over all nodes. When true each gets some of the messages; a key's order then
    /// holds only for what one of them gets.
    /// </summary>
    public bool SharesSubscriptions { get; set; }

    /// <summary>
    /// How long a receiver that is not heard of keeps what it has before another takes it over; from 1 second to 1
    /// hour, 30 seconds by default. One that closes hands over at once.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether a subscription that is new begins with what is published from then on; false by default: with the oldest
    /// that the stream still has, so that it does not matter which service starts first.
    /// </summary>
    public bool BeginsAtEnd { get; set; }

    /// <summary>
    /// The most messages that a stream keeps, about; 0, which is the default, for all. What is above it is removed
    /// <b>whether anybody has read it or not</b>: a subscription that falls behind by more loses messages, and nobody
    /// is told. At most 1,000,000,000,000.
    /// </summary>
    public long MaxLength { get; set; }

    /// <summary>
    /// Whether receivers now and then remove what every group of their stream has acknowledged; false by default: a
    /// stream keeps it. What is removed is seen neither by a subscription that is made later nor by who reads the
    /// stream without a group. A group that nobody receives for keeps everything after its place.
    /// </summary>
    public bool RemovesHandled { get; set; }

    /// <summary>
    /// How long connecting may take, and any answer that Redis has at once, before the connection counts as broken;
    /// from 100 milliseconds to 5 minutes, 5 seconds by default.
    /// </summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many replicas must have a message before it counts as confirmed (<c>WAIT</c>); from 0 to 100, 0 by default:
    /// that the server itself has it is enough. They are waited for as long as <see cref="AnswerTimeout"/>. While fewer
    /// are in step nothing is published, and publishers wait.
    /// </summary>
    public int Replicas { get; set; }

    /// <summary>The most bytes of a message's body; from 1 KB to 256 MB, 16 MB by default.</summary>
    public long MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Says more about TLS, such as whom to trust; none by default, and then the machine's own certificates count.
    /// </summary>
    public Action<SslClientAuthenticationOptions>? ConfigureTls { get; set; }

    internal RedisOptions Copy() => (RedisOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        // What stands there is not repeated: it may hold a password.
        if (RedisAddress.TryParse(Address) is null)
            yield return $"Address: must be {RedisAddress.Form}.";
        if (SentinelService is { Length: 0 or > 100 })
            yield return $"SentinelService: must have 1 to 100 characters, but has {SentinelService.Length}.";
        if (SentinelService is null && (SentinelUser ?? SentinelPassword) is not null)
            yield return "SentinelService: must be set where SentinelUser or SentinelPassword is.";
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
