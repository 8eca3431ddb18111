using System.Diagnostics;
using Millrace.Consuming.Load;

namespace Millrace.Consuming;

/// <summary>
/// The maximum size of the batches of a consumer or receiver and the number of its workers, chosen by a
/// <see cref="LoadController"/> from the batches that its run reports. Other threads read the status.
/// </summary>
internal sealed class AdaptiveLoad
{
    private const int MaxDecisions = 50;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(3);

    private readonly LoadOptions _options;
    private readonly ResourceMonitor _resources;
    private readonly Action<LoadReason> _decided;
    private readonly LoadBounds _bounds;
    private readonly TimeProvider _time;
    private readonly Queue<LoadDecision> _decisions = new();
    private readonly Lock _lock = new(); // Held to read or change the decisions.
    private volatile int _batchEvents;
    private volatile int _workers;
    private LoadController _controller;
    private int _revision;
    private LoadMeasurement _measured;
    private long _startedAt;

    /// <summary>Creates an instance for a consumer.</summary>
    /// <param name="consumer">The name of the consumer.</param>
    /// <param name="options">The requirements of the adaptation.</param>
    /// <param name="services">The services of the node.</param>
    public AdaptiveLoad(string consumer, LoadOptions options, ConsumerServices services)
        : this(
            options,
            LoadBounds.None,
            services.Resources,
            reason => services.Metrics.Decided(consumer, reason),
            services.Time)
    {
    }

    /// <summary>Creates an instance.</summary>
    /// <param name="options">The requirements of the adaptation.</param>
    /// <param name="bounds">The bounds in addition to those of the requirements.</param>
    /// <param name="resources">The monitor of memory and processors.</param>
    /// <param name="decided">Called for each decision, to count it.</param>
    /// <param name="time">The clock.</param>
    public AdaptiveLoad(
        LoadOptions options,
        LoadBounds bounds,
        ResourceMonitor resources,
        Action<LoadReason> decided,
        TimeProvider time)
    {
        (_options, _bounds, _resources, _decided, _time) = (options, bounds, resources, decided, time);
        _controller = CreateController();
        _revision = options.Revision;
        (_batchEvents, _workers) = (_controller.BatchEvents, _controller.Workers);
        _startedAt = _time.GetTimestamp();
    }

    /// <summary>Gets the maximum number of events of a batch.</summary>
    public int BatchEvents => _batchEvents;

    /// <summary>Gets the number of workers.</summary>
    public int Workers => _workers;

    public LoadStatus TakeStatus()
    {
        lock (_lock)
        {
            return new LoadStatus
            {
                Priority = _options.Priority,
                TargetLatency = _options.BatchTime,
                BatchEvents = _batchEvents,
                Workers = _workers,
                Decisions = [.. _decisions.Reverse()],
            };
        }
    }

    /// <summary>Forgets the measurements of the current interval, because nothing was handled.</summary>
    public void Restart() => (_measured, _startedAt) = (default, _time.GetTimestamp());

    /// <summary>Considers a batch that was handled while no other one was.</summary>
    /// <param name="events">The number of its events.</param>
    /// <param name="startedAt">The time at which the consumer started to read them.</param>
    /// <param name="lag">The number of events that wait after it.</param>
    public void Report(int events, long startedAt, long lag)
    {
        var elapsed = _time.GetElapsedTime(startedAt);
        Report(events, elapsed, elapsed, events >= _batchEvents || lag >= _batchEvents, lag);
    }

    /// <summary>Considers a batch that was handled.</summary>
    /// <param name="events">The number of its events.</param>
    /// <param name="duration">The duration of the batch.</param>
    /// <param name="busy">The time since the last report in which at least one batch was handled.</param>
    /// <param name="isFull">Whether more events waited than the batch could have.</param>
    /// <param name="lag">The number of events that wait after it.</param>
    public void Report(int events, TimeSpan duration, TimeSpan busy, bool isFull, long lag)
    {
        if (_revision != _options.Revision)
            AdaptAgain();
        if (events == 0)
            return;
        _measured = _measured with
        {
            Events = _measured.Events + events,
            Batches = _measured.Batches + 1,
            FullBatches = _measured.FullBatches + (isFull ? 1 : 0),
            Busy = _measured.Busy + busy,
            Durations = _measured.Durations + duration,
            Elapsed = _time.GetElapsedTime(_startedAt),
            Lag = lag,
        };
        if (_measured.Elapsed < MinInterval || (_measured.Batches < 2 && _measured.Elapsed < MaxInterval))
            return;
        Decide(_measured);
        Restart();
    }

    private LoadController CreateController() => new(_options, Environment.ProcessorCount, _bounds);

    /// <summary>Starts to adapt again, because the requirements have changed.</summary>
    private void AdaptAgain()
    {
        _revision = _options.Revision;
        _controller = CreateController();
        (_batchEvents, _workers) = (_controller.BatchEvents, _controller.Workers);
        Restart();
    }

    private void Decide(LoadMeasurement measured)
    {
        Debug.Assert(measured.Batches > 0, "An interval has a batch.");
        var (batchEvents, workers) = (_batchEvents, _workers);
        if (_controller.Observe(measured, _resources.Measure()) is not { } reason)
            return;
        (_batchEvents, _workers) = (_controller.BatchEvents, _controller.Workers);
        var decision = new LoadDecision
        {
            Time = _time.GetUtcNow(),
            Reason = reason,
            BatchEvents = _batchEvents,
            PreviousBatchEvents = batchEvents,
            Workers = _workers,
            PreviousWorkers = workers,
            Throughput = measured.Throughput,
            BatchTime = measured.BatchTime,
            LagEvents = measured.Lag,
        };
        lock (_lock)
        {
            if (_decisions.Count == MaxDecisions)
                _decisions.Dequeue();
            _decisions.Enqueue(decision);
        }
        _decided(reason);
    }
}
