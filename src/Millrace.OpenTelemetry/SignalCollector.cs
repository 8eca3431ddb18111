using OpenTelemetry.Exporter;

namespace Millrace.Telemetry;

/// <summary>The collector of traces, of metrics or of logs.</summary>
internal sealed record SignalCollector(Uri Endpoint, OtlpExportProtocol Protocol, string? Headers)
{
    public void Apply(OtlpExporterOptions options)
    {
        (options.Protocol, options.Endpoint) = (Protocol, Endpoint);
        if (Headers is not null)
            options.Headers = Headers;
    }
}
