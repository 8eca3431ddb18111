using Microsoft.Extensions.Logging;

namespace Millrace.Materializing;

/// <summary>The log messages of materialized views.</summary>
internal static partial class ViewLog
{
    [LoggerMessage(
        EventId = 20001,
        Level = LogLevel.Debug,
        Message = "The view {View} was refreshed: {Rows} rows that reflect position {Position}, in {ElapsedMs} ms.")]
    public static partial void Refreshed(ILogger logger, string view, long rows, long position, double elapsedMs);

    [LoggerMessage(
        EventId = 20002,
        Level = LogLevel.Error,
        Message = "The view {View} could not be refreshed. Reads return the rows of the last refresh. The next attempt "
            + "follows after a pause.")]
    public static partial void Failed(ILogger logger, string view, Exception exception);

    [LoggerMessage(
        EventId = 20003,
        Level = LogLevel.Warning,
        Message = "The failure of the view {View} could not be stored.")]
    public static partial void NotNoted(ILogger logger, string view, Exception exception);

    [LoggerMessage(
        EventId = 20004,
        Level = LogLevel.Warning,
        Message = "The views could not be checked. The next check follows in {IntervalMs} ms.")]
    public static partial void CheckFailed(ILogger logger, double intervalMs, Exception exception);

    [LoggerMessage(
        EventId = 20005,
        Level = LogLevel.Warning,
        Message = "The former collection {Collection} of a view cannot be removed. The next attempt follows after a "
            + "pause.")]
    public static partial void CannotRemove(ILogger logger, string collection, Exception exception);

    [LoggerMessage(
        EventId = 20006, Level = LogLevel.Debug, Message = "The former collection {Collection} of a view was removed.")]
    public static partial void Removed(ILogger logger, string collection);

    [LoggerMessage(
        EventId = 20007,
        Level = LogLevel.Error,
        Message = "The immediate view {View} failed, and is built again after a pause. The read model is not "
            + "affected.")]
    public static partial void ImmediateFailed(ILogger logger, string view, Exception exception);

    [LoggerMessage(
        EventId = 20008,
        Level = LogLevel.Warning,
        Message = "The build of the immediate view {View} is delayed.")]
    public static partial void Delayed(ILogger logger, string view, Exception exception);
}
