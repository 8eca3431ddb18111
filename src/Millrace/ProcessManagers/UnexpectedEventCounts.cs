using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Events;

namespace Millrace.ProcessManagers;

/// <summary>
/// Counts the events that no instance of a process uses. Logs events for instances that have not started, at a bounded
/// rate. Thread-safe.
/// </summary>
internal sealed partial class UnexpectedEventCounts(
    string process, TimeProvider time, IMeterFactory? meters = null, ILogger? logger = null)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly Counter<long> _events = (
        meters?.Create(MillraceTelemetry.MeterName) ?? new Meter(MillraceTelemetry.MeterName)).CreateCounter<long>(
        "millrace.process.unexpected",
        "{event}",
        "Events that came before their instance started, after its end, or unawaited.");

    private long? _loggedAt;
    private long _sinceLogged;
    private long? _savedAt;
    private long _unsaved;

    /// <summary>Counts an event that is kept for an instance that has not started.</summary>
    public void CountKept() => Count("kept");

    /// <summary>Counts an event for an instance that has ended.</summary>
    public void CountLate() => Count("late");

    /// <summary>Counts an event that its instance does not await.</summary>
    public void CountNotAwaited() => Count("not-awaited");

    /// <summary>
    /// Counts an event for an instance that has not started, if the event is not kept or has expired.
    /// </summary>
    /// <param name="id">The id of the instance.</param>
    /// <param name="name">The stored name of the event.</param>
    /// <param name="outcome">The outcome, which is <c>dropped</c> or <c>refused</c>.</param>
    /// <param name="problem">The reason.</param>
    public void CountEarly(string id, string name, string outcome, string problem)
    {
        Count(outcome);
        long count;
        lock (_lock)
        {
            _unsaved++;
            _sinceLogged++;
            if (_loggedAt is { } at && time.GetElapsedTime(at) < LogInterval)
                return;
            count = _sinceLogged;
            _sinceLogged = 0;
            _loggedAt = time.GetTimestamp();
        }
        Log.Early(_logger, process, count, outcome, name, UntrustedText.OneLine(UntrustedText.Clip(id, 200)), problem);
    }

    /// <summary>
    /// Stores the number of early events for tools and other nodes. Stores the first event immediately, and later
    /// events once per second. If a write fails, the next write includes its events.
    /// </summary>
    public async ValueTask Save(EventStore store, bool isLast, CancellationToken cancellationToken)
    {
        long count;
        lock (_lock)
        {
            if (_unsaved == 0 || (!isLast && _savedAt is { } at && time.GetElapsedTime(at) < SaveInterval))
                return;
            count = _unsaved;
            _unsaved = 0;
            _savedAt = time.GetTimestamp();
        }
        var isSaved = false;
        try
        {
            isSaved = await EarlyEventStore.Add(store, process, count, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            // A counter must not cause an event to fail. The log and the metric include the event.
        }
        lock (_lock)
            _unsaved += isSaved ? 0 : count;
    }

    private void Count(string outcome) =>
        _events.Add(1, new("millrace.process", process), new("millrace.process.outcome", outcome));

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 6103, Level = LogLevel.Warning,
            Message = "Process {Process}: {Count} events came before their instances started, since the last message; "
                + "the last was {Outcome}: '{Event}' for {Instance}. {Problem}")]
        public static partial void Early(
            ILogger logger, string process, long count, string outcome, string @event, string instance, string problem);
    }
}
