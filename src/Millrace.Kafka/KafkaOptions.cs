using System.Globalization;

namespace Millrace.Kafka;

/// <summary>
/// Options for Kafka. The configuration section <c>Millrace:Kafka</c> overrides the application's code. They are read
/// when the transport is created; later changes have no effect.
/// </summary>
public sealed class KafkaOptions
{
    private const int MaxPartitions = 10_000;
    private const long MaxBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);
    // Far below the client's timeout for any answer.
    private static readonly TimeSpan MaxFetchWait = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Some of the brokers, from which the client discovers the others: <c>host:port</c>, several separated by commas;
    /// <c>localhost:9092</c> by default.
    /// </summary>
    public string Servers { get; set; } = "localhost:9092";

    /// <summary>
    /// Gets or sets the prefix of the names of consumer groups, before the name of the subscription, such as
    /// <c>shop.</c>; at most 100 characters, empty by default.
    /// </summary>
    public string GroupPrefix { get; set; } = "";

    /// <summary>
    /// True, the default, to create missing topics. Otherwise an administrator or the broker itself must create them.
    /// </summary>
    public bool CreatesTopics { get; set; } = true;

    /// <summary>
    /// Gets or sets the number of partitions of a created topic, which is the maximum number of concurrent receivers of
    /// a subscription. From 0 to 10,000; 0 is the broker's default; 6 by default. If partitions are added later, keys
    /// move to other partitions, and their order is not preserved across the change.
    /// </summary>
    public int Partitions { get; set; } = 6;

    /// <summary>
    /// Gets or sets the number of brokers with a copy of a created topic; from 0 to 100. The default is 0: the broker's
    /// default.
    /// </summary>
    public int Copies { get; set; }

    /// <summary>
    /// Gets or sets the time for which a message waits for others to be sent with it; from 0 to 1 second, half a
    /// millisecond by default. A longer time results in fewer and larger requests, and in fewer messages per second,
    /// because the next messages wait for confirms.
    /// </summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>
    /// Gets or sets the time for which a broker may wait for new messages before it answers a receiver that there are
    /// none; from 1 millisecond to 10 seconds, 500 milliseconds by default. A broker answers immediately when a message
    /// arrives. A shorter time is useful only if a proxy or an emulator of a broker delays its answer until the end of
    /// this time.
    /// </summary>
    public TimeSpan FetchWait { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Gets or sets the time for which the client tries to deliver a message, and for which a message waits for space
    /// in a full client; from 100 milliseconds to 5 minutes, 5 seconds by default. After this time, the message is
    /// unconfirmed and is published again. The time must be shorter than
    /// <see cref="Millrace.Messaging.TransportOptions.ConfirmTimeout"/>.
    /// </summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the maximum time for any other answer, about topics, groups and offsets; from 100 milliseconds to 5
    /// minutes, 5 seconds by default.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the time after which others take over the partitions of a receiver without heartbeats; from 1
    /// second to 30 minutes, 30 seconds by default. The default minimum of brokers is 6 seconds. A receiver that is
    /// closed releases them immediately.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the maximum size of a message's body in bytes; from 1,024 to 67,108,864, 1,000,000 by default. With
    /// headers, the default matches the default limits of brokers and topics (<c>message.max.bytes</c>,
    /// <c>max.message.bytes</c>).
    /// </summary>
    public long MaxBodyBytes { get; set; } = 1_000_000;

    /// <summary>
    /// Further settings of librdkafka, by its names, such as <c>security.protocol</c>, <c>sasl.username</c> or
    /// <c>compression.type</c>; none by default. Settings on which the transport's guarantees depend are not allowed:
    /// <c>acks</c>, <c>enable.idempotence</c>, <c>enable.auto.commit</c>, and all that have an option here.
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
                yield return $"Servers: must be host:port, several separated by commas, but is '{Servers}'.";
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
            yield return "DeliveryTimeout: must be from 100 milliseconds to 5 minutes and longer than Linger, but is "
                + $"{DeliveryTimeout}.";
        if (RequestTimeout < MinTimeout || RequestTimeout > MaxTimeout)
            yield return $"RequestTimeout: must be from 100 milliseconds to 5 minutes, but is {RequestTimeout}.";
        if (TakeOverAfter < TimeSpan.FromSeconds(1) || TakeOverAfter > TimeSpan.FromMinutes(30))
            yield return $"TakeOverAfter: must be from 1 second to 30 minutes, but is {TakeOverAfter}.";
        if (MaxBodyBytes is < 1024 or > MaxBytes)
            yield return $"MaxBodyBytes: must be from 1,024 to 67,108,864, but is {MaxBodyBytes:N0}.";
        foreach (var name in Settings.Keys)
        {
            if (ClientSettings.IsReserved(name))
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
