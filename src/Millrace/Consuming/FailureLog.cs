namespace Millrace.Consuming;

/// <summary>
/// Decides which failures of many documents are logged: the first one of each kind, and then one in a minute. Otherwise
/// an unavailable service would cause a message for each document and attempt. Thread-safe.
/// </summary>
internal sealed class FailureLog(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Type, (long LoggedAt, long Omitted)> _kinds = [];

    /// <summary>Returns what to log; null if the failure is not logged.</summary>
    public LoggedFailure? Note(Exception exception)
    {
        lock (_lock)
        {
            var kind = exception.GetType();
            var isKnown = _kinds.TryGetValue(kind, out var last);
            if (isKnown && time.GetElapsedTime(last.LoggedAt) < Interval)
            {
                _kinds[kind] = (last.LoggedAt, last.Omitted + 1);
                return null;
            }
            _kinds[kind] = (time.GetTimestamp(), 0);
            // The message of an open circuit is complete; its stack is that of earlier calls, which were logged.
            return new LoggedFailure(
                exception is CircuitOpenException ? null : exception, exception.Message, last.Omitted);
        }
    }
}

/// <summary>A failure that is logged.</summary>
/// <param name="Exception">The exception; null if the message is enough.</param>
/// <param name="Problem">The message.</param>
/// <param name="Omitted">The number of failures of this kind that were not logged since the last one.</param>
internal sealed record LoggedFailure(Exception? Exception, string Problem, long Omitted);
