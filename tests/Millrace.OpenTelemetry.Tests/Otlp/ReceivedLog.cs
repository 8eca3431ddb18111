namespace Millrace.Telemetry.Tests.Otlp;

/// <summary>A log record that a collector received.</summary>
internal sealed record ReceivedLog(string Body, string TraceId);
