namespace Millrace.Telemetry.Web;

/// <summary>Marks services to which the telemetry of HTTP requests was added.</summary>
internal sealed class WebTelemetryMark;
