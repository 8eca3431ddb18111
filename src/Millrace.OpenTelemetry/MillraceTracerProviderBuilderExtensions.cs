using Millrace;

namespace OpenTelemetry.Trace;

/// <summary>Adds the spans of Millrace to OpenTelemetry.</summary>
public static class MillraceTracerProviderBuilderExtensions
{
    /// <summary>
    /// Collects the spans of commands, queries, appends, consumers, handlers, steps of processes, and messages. Events
    /// and messages carry the trace, so that one trace shows a request and everything that it caused.
    /// </summary>
    public static TracerProviderBuilder AddMillraceInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(MillraceTelemetry.ActivitySourceName);
    }
}
