using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Millrace.AspNetCore.Operators;

/// <summary>The log messages of changes by operators over HTTP: 4001 to 4999.</summary>
internal static partial class OperatorLog
{
    /// <summary>Logs that an operator requested a change to the object that the route names.</summary>
    public static void Asked(ILogger logger, HttpContext http, string action) =>
        Asked(logger, http, action, OperatorRequest.Name(http));

    /// <summary>Logs that an operator requested a change to an object.</summary>
    public static void Asked(ILogger logger, HttpContext http, string action, string target)
    {
        var caller = OperatorRequest.Caller(http);
        Asked(logger, caller, action, target);
    }

    [LoggerMessage(
        EventId = 4001, Level = LogLevel.Information, Message =
            "{Operator} requested over HTTP to {Action} '{Target}'.")]
    private static partial void Asked(ILogger logger, string @operator, string action, string target);
}
