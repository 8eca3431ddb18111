using Microsoft.Extensions.Logging;

namespace Millrace;

/// <summary>Refuses what comes after a command's end. Whoever forgot to await it does not see the error either, so it
/// is logged.</summary>
internal sealed partial class ClosedCommandGuard(ILogger logger)
{
    /// <summary>The error to throw.</summary>
    /// <param name="what">What came too late: <c>Order raised OrderPlaced</c>.</param>
    public CommandFinishedException Refuse(string what)
    {
        Log.TooLate(logger, what);
        return new CommandFinishedException(what);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3003, Level = LogLevel.Error,
            Message = "{What} after its command was done, and that was refused: await all that a handler begins.")]
        public static partial void TooLate(ILogger logger, string what);
    }
}
