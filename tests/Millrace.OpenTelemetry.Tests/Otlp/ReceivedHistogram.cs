namespace Millrace.Telemetry.Tests.Otlp;

/// <summary>A point of a histogram that a collector received.</summary>
internal sealed record ReceivedHistogram(
    string Name, IReadOnlyList<double> Boundaries, IReadOnlyList<string> ExemplarTraces);
