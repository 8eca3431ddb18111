using System.Diagnostics;

namespace Millrace.Store;

/// <summary>Continues the trace that an event or a message carries.</summary>
/// <remarks>
/// A span continues a trace for <see cref="MaxAge"/>. After that it is only linked to the trace, so that a rebuild or a
/// retry on the next day does not add spans to traces that have ended.
/// </remarks>
internal static class TraceContinuation
{
    /// <summary>The maximum age of an event or a message whose trace is continued.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(10);

    /// <summary>Returns the trace context of the append of an event; null if the event has none.</summary>
    public static string? ParentOf(RecordedEvent recorded) =>
        recorded.MetadataBytes.IsEmpty ? null : recorded.Metadata.TraceParent;

    public static bool TryParse(string? traceParent, out ActivityContext context) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out context);

    /// <summary>Returns true if a span may continue a trace that was recorded at the given time.</summary>
    public static bool IsRecent(DateTimeOffset recordedAt, DateTimeOffset now) => now - recordedAt <= MaxAge;

    /// <summary>
    /// Starts a span for an event or a message. The span continues its trace, unless the trace is too old or already
    /// that of the current span. Returns null without a listener.
    /// </summary>
    public static Activity? Start(
        string name, ActivityKind kind, string? traceParent, DateTimeOffset recordedAt, TimeProvider time)
    {
        if (!MillraceTelemetry.Source.HasListeners())
            return null;
        var current = Activity.Current;
        if (!TryParse(traceParent, out var context) || context.TraceId == current?.TraceId)
            return MillraceTelemetry.Source.StartActivity(name, kind);
        return IsRecent(recordedAt, time.GetUtcNow())
            ? MillraceTelemetry.Source.StartActivity(
                name, kind, context, links: current is null ? null : [new ActivityLink(current.Context)])
            : MillraceTelemetry.Source.StartActivity(kind, links: [new ActivityLink(context)], name: name);
    }
}
