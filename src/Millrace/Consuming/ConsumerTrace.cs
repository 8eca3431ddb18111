using System.Diagnostics;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>
/// The spans of the batches of a consumer. The span of a batch lasts from its first event to its commit.
/// </summary>
/// <remarks>
/// If all events of the batch have one trace, the span continues that trace. Otherwise the span starts a trace that is
/// linked to those of the events. When the batch is done, each of the other traces receives a span with the time of the
/// batch, so that every trace shows when the consumer handled its events. Traces that are too old to be continued are
/// only linked (<see cref="TraceContinuation"/>).
/// </remarks>
internal sealed class ConsumerTrace(ConsumerProcessor processor, TimeProvider time)
{
    private const string EventCountTag = "messaging.batch.message_count";
    private const int MaxTraces = 128; // OpenTelemetry's default limit of links.
    private const int MaxOldTraces = 8;

    private readonly record struct FoundTrace(ActivityContext Context, bool IsRecent);

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<FoundTrace> _traces = [];
    private readonly string _name = $"process {processor.Name}";
    private Activity? _batch;
    private DateTimeOffset? _startedAt; // Null while there is no batch, or nothing listens.
    private int _events;

    /// <summary>Adds events to the current batch, and makes its span the current one.</summary>
    public void Add(IReadOnlyList<RecordedEvent> events)
    {
        Activity.Current = _batch;
        if (!MillraceTelemetry.Source.HasListeners())
            return;
        var known = _traces.Count;
        Find(events);
        _events += events.Count;
        if (_startedAt is null)
            Start();
        else
            for (var i = known; i < _traces.Count; i++)
                _batch?.AddLink(new ActivityLink(_traces[i].Context));
    }

    /// <summary>Makes the span of the current batch the current one, for the commit.</summary>
    public void Resume() => Activity.Current = _batch;

    /// <summary>Ends the batch if its effects are done, because they are not committed with the checkpoint.</summary>
    public void Handled()
    {
        if (!processor.HasEffects)
            End();
    }

    /// <summary>
    /// Ends a batch whose effects are not committed, such as after the loss of the lease. Another node handles its
    /// events again.
    /// </summary>
    public void Abandon()
    {
        if (_startedAt is null)
            return;
        _batch?.SetStatus(ActivityStatusCode.Error);
        _batch?.SetTag(SpanErrors.Tag, "abandoned");
        Finish(_batch, _events, error: null);
        Clear();
    }

    /// <summary>Ends the batch. An error is recorded by its type, since its text can contain data.</summary>
    public void End(Exception? error = null)
    {
        if (_startedAt is not { } startedAt)
            return;
        Finish(_batch, _events, error);
        if (!processor.TracesEachEvent)
            Report(startedAt, error);
        Clear();
    }

    private void Clear()
    {
        _batch?.Dispose();
        (_batch, _startedAt, _events) = (null, null, 0);
        _traces.Clear();
        _seen.Clear();
    }

    private void Find(IReadOnlyList<RecordedEvent> events)
    {
        var now = time.GetUtcNow();
        for (var i = 0; i < events.Count && _traces.Count < MaxTraces; i++)
        {
            var isRecent = TraceContinuation.IsRecent(events[i].Timestamp, now);
            if (!isRecent && _traces.Count >= MaxOldTraces)
                continue; // A rebuild would read the metadata of all events.
            if (TraceContinuation.ParentOf(events[i]) is { } parent && _seen.Add(parent)
                && TraceContinuation.TryParse(parent, out var context))
                _traces.Add(new FoundTrace(context, isRecent));
        }
    }

    private void Start()
    {
        _startedAt = TimeProvider.System.GetUtcNow(); // As the other times of spans.
        var isOneTrace = _traces.Count > 0
            && _traces.TrueForAll(found => found.IsRecent && found.Context.TraceId == _traces[0].Context.TraceId);
        _batch = MillraceTelemetry.Source.StartActivity(
            ActivityKind.Consumer,
            isOneTrace ? _traces[0].Context : default,
            links: _traces.Skip(isOneTrace ? 1 : 0).Select(found => new ActivityLink(found.Context)),
            startTime: _startedAt.Value,
            name: _name);
    }

    /// <summary>Adds a span to each trace that the span of the batch does not continue.</summary>
    private void Report(DateTimeOffset startedAt, Exception? error)
    {
        var reported = new HashSet<ActivityTraceId>();
        if (_batch is not null)
            reported.Add(_batch.TraceId);
        ActivityLink[] links = _batch is null ? [] : [new ActivityLink(_batch.Context)];
        foreach (var found in _traces)
        {
            if (!found.IsRecent || !IsSampled(found.Context) || !reported.Add(found.Context.TraceId))
                continue;
            using var span = MillraceTelemetry.Source.StartActivity(
                ActivityKind.Consumer, found.Context, links: links, startTime: startedAt, name: _name);
            Finish(span, events: null, error);
        }
    }

    private static bool IsSampled(ActivityContext context) =>
        (context.TraceFlags & ActivityTraceFlags.Recorded) != 0;

    private void Finish(Activity? span, int? events, Exception? error)
    {
        span?.SetTag(ConsumerMetrics.ConsumerTag, processor.Name);
        if (events is not null)
            span?.SetTag(EventCountTag, events);
        if (error is not null)
            SpanErrors.Record(span, error);
    }
}
