using System.Collections.Frozen;
using System.Globalization;

namespace Millrace.Kafka;

/// <summary>What librdkafka is told, by its own names.</summary>
internal static class ClientSettings
{
    /// <summary>What headers may take: with a body of 1,000,000 bytes it is what brokers take unless they are told
    /// otherwise.</summary>
    public const int HeaderBytes = 48_000;

    // The client's own default; it may not be less than the other.
    private static readonly TimeSpan MaxMetadataSilence = TimeSpan.FromMinutes(5);

    // What the promises of the transport hang on, and what has an option.
    private static readonly FrozenSet<string> Own = FrozenSet.ToFrozenSet(
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

    public static bool IsOwn(string name) => Own.Contains(name) || name.StartsWith("dotnet.", StringComparison.Ordinal);

    public static Dictionary<string, string> Common(KafkaOptions options) => With(options, []);

    public static Dictionary<string, string> Producer(KafkaOptions options) => With(options, new()
    {
        ["acks"] = "all",
        ["enable.idempotence"] = "true",
        ["message.timeout.ms"] = Milliseconds(options.DeliveryTimeout),
        ["linger.ms"] = options.Linger.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
        ["message.max.bytes"] = (options.MaxBodyBytes + HeaderBytes).ToString(CultureInfo.InvariantCulture),
        ["partitioner"] = "murmur2_random", // That of the Java client: a key has the same partition whoever publishes.
    });

    public static Dictionary<string, string> Consumer(KafkaOptions options, string group) =>
        With(
            options,
            new()
            {
                ["group.id"] = group,
                ["enable.auto.commit"] = "false",
                ["enable.auto.offset.store"] = "false",
                // What is published before the first receiver starts is kept for it.
                ["auto.offset.reset"] = "earliest",
                ["session.timeout.ms"] = Milliseconds(options.TakeOverAfter),
                ["heartbeat.interval.ms"] = Milliseconds(options.TakeOverAfter / 10),
                ["max.poll.interval.ms"] = Milliseconds(
                    options.TakeOverAfter > MaxMetadataSilence ? options.TakeOverAfter : MaxMetadataSilence),
                ["fetch.wait.max.ms"] = Milliseconds(options.FetchWait),
                ["fetch.message.max.bytes"] = (options.MaxBodyBytes + HeaderBytes).ToString(
                    CultureInfo.InvariantCulture),
                // What a receiver holds before it is asked for. Where it holds more, it asks the broker again only
                // after a second.
                ["queued.max.messages.kbytes"] = "32768",
            }
        );

    private static Dictionary<string, string> With(KafkaOptions options, Dictionary<string, string> settings)
    {
        settings["bootstrap.servers"] = options.Servers;
        settings["client.id"] = $"millrace-{Environment.MachineName}";
        settings["reconnect.backoff.max.ms"] = "2000";
        settings["socket.keepalive.enable"] = "true";
        settings["socket.nagle.disable"] = "true"; // Who waits for a confirm does not wait for more to send.
        if (SpeaksTls(options.Settings))
            settings["ssl.endpoint.identification.algorithm"] = "https"; // The client's own default only from 2.0 on.
        foreach (var (name, value) in options.Settings)
            settings[name] = value;
        return settings;
    }

    private static bool SpeaksTls(IDictionary<string, string> settings) =>
        settings.TryGetValue("security.protocol", out var protocol)
        && protocol.Trim().ToUpperInvariant() is "SSL" or "SASL_SSL";

    private static string Milliseconds(TimeSpan span) =>
        ((int)span.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
}
