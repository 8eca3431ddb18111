using Microsoft.Extensions.Logging;

namespace Millrace.Alerting;

/// <summary>The channel <c>log</c>: writes alerts to the log of the application.</summary>
internal sealed partial class LogChannel(ILogger<LogChannel> logger) : INotificationChannel
{
    public const string ChannelName = "log";

    public string Name => ChannelName;

    public Task Send(AlertNotice notice, CancellationToken cancellationToken)
    {
        foreach (var item in notice.Items)
        {
            var level = LevelOf(item);
            if (!logger.IsEnabled(level))
                continue;
            var target = TargetOf(item);
            var text = item.Reason ?? item.Description ?? "";
            Log.Changed(
                logger, level, item.Alert, item.Kind, item.Metric, target, item.Value, item.Threshold, text);
        }
        if (notice.Omitted > 0)
            Log.Omitted(logger, notice.Omitted);
        return Task.CompletedTask;
    }

    private static string TargetOf(AlertNoticeItem item) => item switch
    {
        { Subject: { } subject, Node: { } node } => $"{subject} on {node}",
        { Subject: null, Node: null } => "all nodes",
        _ => item.Subject ?? item.Node!, // One of them is not null.
    };

    private static LogLevel LevelOf(AlertNoticeItem item) =>
        item.Kind == AlertNoticeKind.Resolved ? LogLevel.Information
        : item.Severity switch
        {
            AlertSeverity.Critical => LogLevel.Critical,
            AlertSeverity.Warning => LogLevel.Warning,
            _ => LogLevel.Information,
        };

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24001,
            Message = "Alert {Alert} {Kind}: {Metric} of {Target} is {Value}, threshold {Threshold}. {Text}")]
        public static partial void Changed(
            ILogger logger,
            LogLevel level,
            string alert,
            AlertNoticeKind kind,
            string metric,
            string target,
            double value,
            double threshold,
            string text);

        [LoggerMessage(
            EventId = 24002, Level = LogLevel.Warning, Message = "{Count} further changes of alerts were left out.")]
        public static partial void Omitted(ILogger logger, long count);
    }
}
