using Microsoft.Extensions.Logging;

namespace Millrace.Aggregates;

/// <summary>
/// Refuses calls after the end of a command. The guard also logs the error, because code that did not await the call
/// does not receive the exception.
/// </summary>
internal sealed partial class ClosedCommandGuard(ILogger logger)
{
    /// <summary>Logs the late call, and returns the exception to throw.</summary>
    /// <param name="call">The late call, as the start of a sentence, such as <c>Order raised OrderPlaced</c>.</param>
    public CommandFinishedException Refuse(string call)
    {
        Log.TooLate(logger, call);
        return new CommandFinishedException(call);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3003, Level = LogLevel.Error,
            Message = "{What} after its command had finished and was refused. Await everything that a handler starts.")]
        public static partial void TooLate(ILogger logger, string what);
    }
}
