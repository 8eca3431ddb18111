using System.Diagnostics.Metrics;
using Millrace.Store;

namespace Millrace.Commands;

/// <summary>
/// The metric instruments of commands. Their names start with <c>millrace.</c> and follow the conventions of
/// OpenTelemetry.
/// </summary>
internal sealed class CommandMetrics
{
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _retries;

    public CommandMetrics(IMeterFactory? meters)
    {
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = meter.CreateHistogram<double>(
            "millrace.command.duration",
            "s",
            "The time until a command is durable or fails.",
            advice: HistogramBoundaries.Durations);
        _retries = meter.CreateCounter<long>(
            "millrace.command.retries", "{retry}", "Commands handled again after a conflict.");
    }

    /// <summary>Gets an instrument. Its <c>Enabled</c> property shows whether a listener collects metrics.</summary>
    public Instrument Probe => _duration;

    public void Handled(string command, TimeSpan elapsed, Exception? error) =>
        RequestDuration.Record(_duration, NameOf(command), elapsed, error);

    public void Retried(string command) => _retries.Add(1, NameOf(command));

    private static KeyValuePair<string, object?> NameOf(string command) => new("millrace.command", command);
}
