using System.Collections.Frozen;
using System.Globalization;

namespace Millrace.Kafka;

/// <summary>The settings of librdkafka, by its own names.</summary>
internal static class ClientSettings
{
    /// <summary>
    /// The maximum size of a message's key and headers. With a body of 1,000,000 bytes, this is the default limit of
    /// brokers.
    /// </summary>
    public const int HeaderBytes = 48_000;

    // The client's default of max.poll.interval.ms, which must not be less than session.timeout.ms.
    private static readonly TimeSpan DefaultMaxPollInterval = TimeSpan.FromMinutes(5);

    // Settings that the guarantees of the transport depend on, or that have an option.
    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        [
            "bootstrap.servers",
            "metadata.broker.list",
            "group.id",
            "acks",
            "request.required.acks",
            "enable.idempotence",
            "transactional.id",
            "enable.auto.commit",
            "auto.commit.enable",
            "enable.auto.offset.store",
            "message.max.bytes",
            "message.timeout.ms",
            "delivery.timeout.ms",
            "linger.ms",
            "queue.buffering.max.ms",
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "auto.offset.reset",
            "enable.partition.eof",
            "allow.auto.create.topics",
            "fetch.wait.max.ms",
            "delivery.report.only.error",
        ],
        StringComparer.Ordinal);

    public static bool IsReserved(string name) =>
        Reserved.Contains(name) || name.StartsWith("dotnet.", StringComparison.Ordinal);

    public static Dictionary<string, string> Common(KafkaOptions options) => With(options, []);

    public static Dictionary<string, string> Producer(KafkaOptions options) => With(options, new()
    {
        ["acks"] = "all",
        ["enable.idempotence"] = "true",
        ["message.timeout.ms"] = Milliseconds(options.DeliveryTimeout),
        ["linger.ms"] = options.Linger.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
        ["message.max.bytes"] = (options.MaxBodyBytes + HeaderBytes).ToString(CultureInfo.InvariantCulture),
        ["partitioner"] = "murmur2_random", // As in the Java client: all publishers use the same partition for a key.
    });

    public static Dictionary<string, string> Consumer(KafkaOptions options, string group) =>
        With(
            options,
            new()
            {
                ["group.id"] = group,
                ["enable.auto.commit"] = "false",
                ["enable.auto.offset.store"] = "false",
                // Messages that are published before the first receiver starts are kept for it.
                ["auto.offset.reset"] = "earliest",
                ["session.timeout.ms"] = Milliseconds(options.TakeOverAfter),
                ["heartbeat.interval.ms"] = Milliseconds(options.TakeOverAfter / 10),
                ["max.poll.interval.ms"] = Milliseconds(
                    options.TakeOverAfter > DefaultMaxPollInterval ? options.TakeOverAfter : DefaultMaxPollInterval),
                ["fetch.wait.max.ms"] = Milliseconds(options.FetchWait),
                ["fetch.message.max.bytes"] = (options.MaxBodyBytes + HeaderBytes).ToString(
                    CultureInfo.InvariantCulture),
                // The maximum that a receiver fetches in advance. Beyond it, the client waits a second before the next
                // fetch.
                ["queued.max.messages.kbytes"] = "32768",
            }
        );

    private static Dictionary<string, string> With(KafkaOptions options, Dictionary<string, string> settings)
    {
        settings["bootstrap.servers"] = options.Servers;
        settings["client.id"] = $"millrace-{Environment.MachineName}";
        settings["reconnect.backoff.max.ms"] = "2000";
        settings["socket.keepalive.enable"] = "true";
        settings["socket.nagle.disable"] = "true"; // A caller that waits for a confirm sends nothing more.
        if (UsesTls(options.Settings))
            // The client's own default from version 2.0 on.
            settings["ssl.endpoint.identification.algorithm"] = "https";
        foreach (var (name, value) in options.Settings)
            settings[name] = value;
        return settings;
    }

    private static bool UsesTls(IDictionary<string, string> settings) =>
        settings.TryGetValue("security.protocol", out var protocol)
        && protocol.Trim().ToUpperInvariant() is "SSL" or "SASL_SSL";

    private static string Milliseconds(TimeSpan span) =>
        ((int)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
