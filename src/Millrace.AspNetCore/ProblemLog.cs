using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Storage.Archives;

namespace Millrace.AspNetCore;

/// <summary>The log messages of requests that were answered with a problem: 4501 to 4599.</summary>
internal static partial class ProblemLog
{
    // By application: a factory can return another logger with each call.
    private static readonly ConditionalWeakTable<ILoggerFactory, LogLimit> ArchiveLimits = [];

    /// <summary>
    /// Logs a problem that is caused by the application or its store. The framework does not log handled exceptions.
    /// </summary>
    public static void Note(HttpContext http, HttpProblem problem, Exception exception)
    {
        if (http.RequestServices?.GetService<ILoggerFactory>() is not { } loggers)
            return;
        var logger = loggers.CreateLogger(typeof(ProblemLog));
        if (exception is ArchiveException { IsTransient: true })
        {
            var time = http.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
            if (ArchiveLimits.GetValue(loggers, _ => new LogLimit(time)).Allows())
                ArchiveUnavailable(logger, exception, http.Request.Method, http.Request.Path);
        }
        else if (problem.Status >= 500 && problem.RetryAfterSeconds == 0)
            Failed(logger, exception, http.Request.Method, http.Request.Path, problem.Status, problem.Error);
        else if (exception is CannotSerializeException)
            NotWritten(logger, exception, http.Request.Method, http.Request.Path, problem.Status, problem.Error);
    }

    [LoggerMessage(
        EventId = 4501,
        Level = LogLevel.Error,
        Message = "{Method} {Path} failed and was answered with {Status} '{Error}'.")]
    private static partial void Failed(
        ILogger logger, Exception exception, string method, PathString path, int status, string error);

    [LoggerMessage(
        EventId = 4502, Level = LogLevel.Warning,
        Message = "{Method} {Path} was answered with {Status} '{Error}': the event cannot be written. The cause is a "
            + "value of the request or an error of the application.")]
    private static partial void NotWritten(
        ILogger logger, Exception exception, string method, PathString path, int status, string error);

    [LoggerMessage(
        EventId = 4503, Level = LogLevel.Error,
        Message = "{Method} {Path} was answered with 503: the place of archived events cannot be used. Further such "
            + "requests are logged once a minute.")]
    private static partial void ArchiveUnavailable(
        ILogger logger, Exception exception, string method, PathString path);
}
