using Microsoft.Extensions.Logging;

namespace Millrace.Messaging;

/// <summary>The log messages about brokers: 9001 to 9999.</summary>
internal static partial class MessagingLog
{
    [LoggerMessage(
        EventId = 9001, Level = LogLevel.Warning,
        Message = "Transport {Transport} is unavailable; it is tried again with growing pauses, and nothing is lost: {Problem}")]
    public static partial void Unavailable(ILogger logger, string transport, string problem);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Information, Message = "Transport {Transport} is available again.")]
    public static partial void Available(ILogger logger, string transport);
}
