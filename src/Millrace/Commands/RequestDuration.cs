using System.Diagnostics.Metrics;
using Millrace.Store;

namespace Millrace.Commands;

/// <summary>Records the durations of commands and queries, with the type of the error of those that failed.</summary>
internal static class RequestDuration
{
    public static void Record(
        Histogram<double> duration, KeyValuePair<string, object?> name, TimeSpan elapsed, Exception? error)
    {
        if (error is null)
        {
            duration.Record(elapsed.TotalSeconds, name);
            return;
        }
        var type = new KeyValuePair<string, object?>(SpanErrors.Tag, error.GetType().Name);
        if (CommandRefusal.Is(error))
            duration.Record(elapsed.TotalSeconds, name, type, RefusalTag.Refused);
        else
            duration.Record(elapsed.TotalSeconds, name, type);
    }
}
