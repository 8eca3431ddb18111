using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Millrace.Kafka;

/// <summary>The log messages about Kafka: 9101 to 9199.</summary>
internal static partial class KafkaLog
{
    // Of a setting that is for consumers and is given to all clients.
    private const string ConfigurationWarning = "CONFWARN";

    /// <summary>Passes on what librdkafka says. What comes of it is told where it is noticed.</summary>
    public static void Note(ILogger logger, LogMessage said)
    {
        if (said.Facility == ConfigurationWarning)
            return;
        if (said.Level <= SyslogLevel.Critical)
            Failed(logger, said.Facility, said.Message);
        else
            Said(logger, said.Facility, said.Message);
    }

    [LoggerMessage(EventId = 9101, Level = LogLevel.Error, Message = "librdkafka ({Facility}): {Message}")]
    private static partial void Failed(ILogger logger, string facility, string message);

    [LoggerMessage(EventId = 9102, Level = LogLevel.Debug, Message = "librdkafka ({Facility}): {Message}")]
    private static partial void Said(ILogger logger, string facility, string message);

    [LoggerMessage(
        EventId = 9103, Level = LogLevel.Information,
        Message = "Receiver {Receiver} has {Count} partitions of {Topic} more: {Partitions}.")]
    public static partial void Assigned(ILogger logger, string receiver, int count, string topic, string partitions);

    [LoggerMessage(
        EventId = 9104,
        Level = LogLevel.Information,
        Message = "Receiver {Receiver} has {Count} partitions of {Topic} less; what it has not acknowledged goes to "
            + "who has them now."
    )]
    public static partial void Revoked(ILogger logger, string receiver, int count, string topic);

    [LoggerMessage(
        EventId = 9105,
        Level = LogLevel.Error,
        Message = "Receiver {Receiver} gives up its line to Kafka for an error that is not Kafka's; it is opened anew."
    )]
    public static partial void ReceivingFailed(ILogger logger, string receiver, Exception exception);
}
