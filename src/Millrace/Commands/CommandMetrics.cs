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

    public void Handled(string command, TimeSpan elapsed, Exception? error)
    {
        if (error is null)
        {
            _duration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("millrace.command", command));
            return;
        }
        var name = new KeyValuePair<string, object?>("millrace.command", command);
        var type = new KeyValuePair<string, object?>(SpanErrors.Tag, error.GetType().Name);
        if (CommandRefusal.Is(error))
            _duration.Record(elapsed.TotalSeconds, name, type, RefusalTag.Refused);
        else
            _duration.Record(elapsed.TotalSeconds, name, type);
    }

    public void Retried(string command) =>
        _retries.Add(1, new KeyValuePair<string, object?>("millrace.command", command));
}
