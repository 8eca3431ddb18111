using Millrace;

namespace OpenTelemetry.Metrics;

/// <summary>Adds the metrics of Millrace to OpenTelemetry.</summary>
public static class MillraceMeterProviderBuilderExtensions
{
    /// <summary>
    /// Collects the metrics of all stores, consumers, commands, queries, processes and transports. The boundaries of
    /// histograms fit durations in seconds, and a view can replace them. Measurements in a sampled trace are kept as
    /// exemplars, if the application or <c>OTEL_METRICS_EXEMPLAR_FILTER</c> selects an exemplar filter.
    /// </summary>
    public static MeterProviderBuilder AddMillraceInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(MillraceTelemetry.MeterName);
    }
}
