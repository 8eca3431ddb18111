namespace Millrace.Telemetry.Tests.Otlp;

/// <summary>A span that a collector received.</summary>
internal sealed record ReceivedSpan(
    string Name, string TraceId, string SpanId, string ParentId, IReadOnlyList<string> LinkedTraces);
