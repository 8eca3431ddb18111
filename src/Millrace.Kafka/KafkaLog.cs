using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Millrace.Kafka;

/// <summary>The log messages about Kafka: 9101 to 9199.</summary>
internal static partial class KafkaLog
{
    // The facility of librdkafka's warnings about settings. All clients get the application's settings, so librdkafka
    // warns about settings that only some clients use.
    private const string ConfigurationWarning = "CONFWARN";

    /// <summary>Logs a message of librdkafka. The effects of errors are reported elsewhere.</summary>
    public static void Note(ILogger logger, LogMessage entry)
    {
        if (entry.Facility == ConfigurationWarning)
            return;
        if (entry.Level <= SyslogLevel.Critical)
            Failed(logger, entry.Facility, entry.Message);
        else
            Said(logger, entry.Facility, entry.Message);
    }

    [LoggerMessage(EventId = 9101, Level = LogLevel.Error, Message = "librdkafka ({Facility}): {Message}")]
    private static partial void Failed(ILogger logger, string facility, string message);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Debug, Message = "librdkafka ({Facility}): {Message}")]
    private static partial void Said(ILogger logger, string facility, string message);

    [LoggerMessage(
        EventId = 9103, Level = LogLevel.Information,
        Message = "Receiver {Receiver} was assigned {Count} more partitions of {Topic}: {Partitions}.")]
    public static partial void Assigned(ILogger logger, string receiver, int count, string topic, string partitions);

    [LoggerMessage(
        EventId = 9104,
        Level = LogLevel.Information,
        Message = "Receiver {Receiver} has lost {Count} partitions of {Topic}; their unacknowledged messages go to "
            + "their new receivers."
    )]
    public static partial void Revoked(ILogger logger, string receiver, int count, string topic);

    [LoggerMessage(
        EventId = 9105,
        Level = LogLevel.Error,
        Message = "Receiver {Receiver} closes its connection to Kafka after an error that Kafka did not cause, and "
            + "opens a new one."
    )]
    public static partial void ReceivingFailed(ILogger logger, string receiver, Exception exception);
}
