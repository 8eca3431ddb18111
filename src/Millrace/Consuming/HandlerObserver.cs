using System.Diagnostics;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>Measures and traces the handler of a consumer for each event.</summary>
/// <remarks>
/// The span of a handler is in the trace of its event, also if the batch has events of several traces.
/// </remarks>
internal sealed class HandlerObserver(string consumer, EventTypeMap types, ConsumerMetrics metrics, TimeProvider time)
{
    private const string OtherType = "_OTHER"; // The number of series must be bounded.

    /// <summary>Gets whether handlers are measured or traced.</summary>
    public bool IsEnabled => metrics.MeasuresHandlers || MillraceTelemetry.Source.HasListeners();

    /// <summary>Calls the handler of an event.</summary>
    public async ValueTask Handle(
        ConsumerEventHandler handler, RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var type = types.KnowsName(recorded.Type) ? recorded.Type : OtherType;
        var startedAt = time.GetTimestamp();
        using var span = MillraceTelemetry.Source.HasListeners() ? StartSpan(type, recorded) : null;
        try
        {
            await handler(recorded, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            SpanErrors.Record(span, exception);
            metrics.Handled(consumer, type, time.GetElapsedTime(startedAt), exception);
            throw;
        }
        metrics.Handled(consumer, type, time.GetElapsedTime(startedAt), null);
    }

    /// <summary>Calls the handler of a batch. The span of the batch is the current one.</summary>
    public async ValueTask Handle(
        ConsumerBatchHandler handler, IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            await handler(events, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            metrics.Handled(consumer, null, time.GetElapsedTime(startedAt), exception);
            throw;
        }
        metrics.Handled(consumer, null, time.GetElapsedTime(startedAt), null);
    }

    private Activity? StartSpan(string type, RecordedEvent recorded)
    {
        var span = TraceContinuation.Start(
            $"handle {type}",
            ActivityKind.Consumer,
            TraceContinuation.ParentOf(recorded),
            recorded.Timestamp,
            time);
        span?.SetTag(ConsumerMetrics.ConsumerTag, consumer);
        span?.SetTag(ConsumerMetrics.TypeTag, type);
        return span;
    }
}
