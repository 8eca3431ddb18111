using Microsoft.Extensions.Logging;

namespace Millrace.Scheduling;

/// <summary>The log messages of schedules.</summary>
internal static partial class ScheduleLog
{
    [LoggerMessage(
        EventId = 6011,
        Level = LogLevel.Error,
        Message = "Schedule {Schedule} did not run for {Time}: it failed {Failures} times. It continues with the next "
            + "time.")]
    public static partial void Failed(
        ILogger logger, string schedule, DateTimeOffset time, int failures, Exception exception);

    [LoggerMessage(
        EventId = 6012,
        Level = LogLevel.Warning,
        Message = "Due schedules cannot be run; they are tried again. {Problem} Such failures are logged once a "
            + "minute; {Omitted} were not logged.")]
    public static partial void CannotRun(ILogger logger, string problem, long omitted, Exception? exception);

    [LoggerMessage(
        EventId = 6013, Level = LogLevel.Warning, Message = "Schedule {Schedule} has no next time: {Problem}")]
    public static partial void Stopped(ILogger logger, string schedule, string problem);

    [LoggerMessage(
        EventId = 6014,
        Level = LogLevel.Warning,
        Message = "Schedule {Schedule} cannot be updated to its definition in the code.")]
    public static partial void CannotForm(ILogger logger, string schedule, Exception exception);
}
