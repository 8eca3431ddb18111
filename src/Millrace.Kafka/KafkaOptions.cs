using System.Globalization;

namespace Millrace.Kafka;

/// <summary>
/// How messages go over Kafka. From the configuration section <c>Millrace:Kafka</c>, which comes after the
/// application's own code and wins. Read when the transport is made; later changes have no effect.
/// </summary>
public sealed class KafkaOptions
{
    private const int MaxPartitions = 10_000;
    private const long MaxBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);
    // Far below what the client waits for any answer.
    private static readonly TimeSpan MaxFetchWait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Some of the brokers, from which the others are learned: <c>host:port</c>, several parted by commas;
    /// <c>localhost:9092</c> by default.
    /// </summary>
    public string Servers { get; set; } = "localhost:9092";

    /// <summary>
    /// What the names of consumer groups begin with, before the name of the subscription, such as <c>shop.</c>; at most
    /// 100 characters, empty by default.
    /// </summary>
    public string GroupPrefix { get; set; } = "";

    /// <summary>
    /// Whether topics that are missing are made; true by default. Otherwise somebody else makes them, or the broker by
    /// itself.
    /// </summary>
    public bool CreatesTopics { get; set; } = true;

    /// <summary>
    /// How many partitions a topic that is made has: so many receivers of a subscription can work at the same time.
    /// From 0 to 10,000; 0 is what the broker is set to; 6 by default. More later means that keys change their
    /// partition, and their order does not hold over it.
    /// </summary>
    public int Partitions { get; set; } = 6;

    /// <summary>
    /// How many brokers have a copy of a topic that is made; from 0 to 100. 0, which is the default, is what the broker
    /// is set to.
    /// </summary>
    public int Copies { get; set; }

    /// <summary>
    /// How long a message waits for others to go with; from 0 to 1 second, half a millisecond by default. Longer is
    /// fewer and larger requests, and fewer messages a second: those published together are handed over together, and
    /// the next wait for their confirms.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>
    /// How long a broker may wait for something new before it answers a receiver that there is nothing; from 1
    /// millisecond to 10 seconds, 500 milliseconds by default. A broker answers at once when something comes: shorter
    /// is only more questions, and of use where something between here and there, or a stand-in for a broker, keeps its
    /// answer until the time is over.
    /// </summary>
    public TimeSpan FetchWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the client tries to deliver a message before it counts as not confirmed and is published again, and how
    /// long one waits for room in a client that is full; from 100 milliseconds to 5 minutes, 5 seconds by default.
    /// Shorter than <see cref="Millrace.Messaging.TransportOptions.ConfirmTimeout"/>.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long any other answer may take: about topics, groups and offsets; from 100 milliseconds to 5 minutes, 5
    /// seconds by default.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a receiver that is not heard of keeps its partitions before others take them over; from 1 second to 30
    /// minutes, 30 seconds by default. Brokers take no less than 6 seconds unless they are told otherwise. One that
    /// closes hands over at once.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The most bytes of a message's body; from 1,024 to 67,108,864, 1,000,000 by default, which with its headers is
    /// what brokers and topics take unless they are told otherwise (<c>message.max.bytes</c>,
    /// <c>max.message.bytes</c>).
    /// </summary>
    public long MaxBodyBytes { get; set; } = 1_000_000;

    /// <summary>
    /// More settings of librdkafka, by its names, such as <c>security.protocol</c>, <c>sasl.username</c> or
    /// <c>compression.type</c>; none by default. What the transport's promises hang on is not among them: <c>acks</c>,
    /// <c>enable.idempotence</c>, <c>enable.auto.commit</c> and what has an option here.
    /// </summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    internal KafkaOptions Copy()
    {
        var copy = new KafkaOptions
        {
            Servers = Servers,
            GroupPrefix = GroupPrefix,
            CreatesTopics = CreatesTopics,
            Partitions = Partitions,
            Copies = Copies,
            Linger = Linger,
            FetchWait = FetchWait,
            DeliveryTimeout = DeliveryTimeout,
            RequestTimeout = RequestTimeout,
            TakeOverAfter = TakeOverAfter,
            MaxBodyBytes = MaxBodyBytes,
        };
        foreach (var (name, value) in Settings)
            copy.Settings[name] = value;
        return copy;
    }

    internal IEnumerable<string> Problems()
    {
        foreach (var server in Servers.Split(','))
        {
            if (!IsServer(server.Trim()))
                yield return $"Servers: must be host:port, several parted by commas, but is '{Servers}'.";
        }
        if (GroupPrefix.Length > 100)
            yield return $"GroupPrefix: must have at most 100 characters, but has {GroupPrefix.Length}.";
        if (Partitions is < 0 or > MaxPartitions)
            yield return $"Partitions: must be from 0 to 10,000, but is {Partitions:N0}.";
        if (Copies is < 0 or > 100)
            yield return $"Copies: must be from 0 to 100, but is {Copies:N0}.";
        if (Linger < TimeSpan.Zero || Linger > TimeSpan.FromSeconds(1))
            yield return $"Linger: must be from 0 to 1 second, but is {Linger}.";
        if (FetchWait < TimeSpan.FromMilliseconds(1) || FetchWait > MaxFetchWait)
            yield return $"FetchWait: must be from 1 millisecond to 10 seconds, but is {FetchWait}.";
        if (DeliveryTimeout < MinTimeout || DeliveryTimeout > MaxTimeout || DeliveryTimeout <= Linger)
            yield return $"DeliveryTimeout: must be from 100 milliseconds to 5 minutes and longer than Linger, but is "
                + $"{DeliveryTimeout}.";
        if (RequestTimeout < MinTimeout || RequestTimeout > MaxTimeout)
            yield return $"RequestTimeout: must be from 100 milliseconds to 5 minutes, but is {RequestTimeout}.";
        if (TakeOverAfter < TimeSpan.FromSeconds(1) || TakeOverAfter > TimeSpan.FromMinutes(30))
            yield return $"TakeOverAfter: must be from 1 second to 30 minutes, but is {TakeOverAfter}.";
        if (MaxBodyBytes is < 1024 or > MaxBytes)
            yield return $"MaxBodyBytes: must be from 1,024 to 67,108,864, but is {MaxBodyBytes:N0}.";
        foreach (var name in Settings.Keys)
        {
            if (ClientSettings.IsOwn(name))
                yield return $"Settings:{name}: is set by the transport itself. Use the option of KafkaOptions, if "
                    + "there is one.";
        }
    }

    private static bool IsServer(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port > 0
            && text.AsSpan(0, colon).IndexOfAny(" /") < 0;
    }
}
