using System.Diagnostics;
using System.Diagnostics.Metrics;
using Millrace.Store;

namespace Millrace.ProcessManagers;

/// <summary>Measures and traces the steps and compensations of a process.</summary>
/// <remarks>
/// A step continues the trace of the event or the step before it, which the stream of the instance records.
/// </remarks>
internal sealed class StepObserver
{
    private readonly string _process;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;

    public StepObserver(string process, TimeProvider time, IMeterFactory? meters)
    {
        _process = process;
        _time = time;
        var meter = meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName);
        _duration = meter.CreateHistogram<double>(
            "millrace.process.step.duration",
            "s",
            "The duration of a step or a compensation of a process, until its command is durable or fails.",
            advice: HistogramBoundaries.Durations);
    }

    /// <summary>
    /// Starts to observe a step, until the returned value is disposed. Returns null without a listener.
    /// </summary>
    public Observation? Start(ProcessInstance instance, string step, bool isUndo)
    {
        if (!_duration.Enabled && !MillraceTelemetry.Source.HasListeners())
            return null;
        var kind = isUndo ? "compensation" : "step";
        var span = TraceContinuation.Start(
            $"{kind} {_process} {step}", ActivityKind.Internal, instance.TraceParent, instance.TracedAt, _time);
        var tags = new TagList
        {
            { "millrace.process", _process },
            { "millrace.process.step", step },
            { "millrace.process.step.kind", kind },
        };
        foreach (var tag in tags)
            span?.SetTag(tag.Key, tag.Value);
        return new Observation(this, span, tags);
    }

    /// <summary>A step that is observed until this value is disposed.</summary>
    public sealed class Observation(StepObserver observer, Activity? span, TagList tags) : IDisposable
    {
        private readonly long _startedAt = observer._time.GetTimestamp();
        private TagList _tags = tags;

        /// <summary>Records the error by its type, since its text can contain data.</summary>
        public void Fail(Exception error)
        {
            _tags.Add(SpanErrors.Tag, error.GetType().Name);
            SpanErrors.Record(span, error);
        }

        public void Dispose()
        {
            span?.Dispose();
            observer._duration.Record(observer._time.GetElapsedTime(_startedAt).TotalSeconds, _tags);
        }
    }
}
