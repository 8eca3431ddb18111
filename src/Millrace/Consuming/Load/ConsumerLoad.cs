using System.Diagnostics;

namespace Millrace.Consuming.Load;

/// <summary>
/// The maximum size of a consumer's batches and the number of its workers, chosen by a <see cref="LoadController"/>
/// from the batches that the run of the consumer reports. Other threads read the status.
/// </summary>
internal sealed class ConsumerLoad
{
    private const int MaxDecisions = 50;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(3);

    private readonly LoadOptions _options;
    private readonly ResourceMonitor _resources;
    private readonly ConsumerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly string _consumer;
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
    public ConsumerLoad(string consumer, LoadOptions options, ConsumerServices services)
    {
        _consumer = consumer;
        _options = options;
        _resources = services.Resources;
        _metrics = services.Metrics;
        _time = services.Time;
        _controller = new LoadController(options, Environment.ProcessorCount);
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

    /// <summary>Forgets the measurements of the current interval, because the consumer was not running.</summary>
    public void Restart() => (_measured, _startedAt) = (default, _time.GetTimestamp());

    /// <summary>Considers a batch that was handled.</summary>
    /// <param name="events">The number of its events.</param>
    /// <param name="startedAt">The time at which the consumer started to read them.</param>
    /// <param name="lag">The number of events that wait after it.</param>
    public void Report(int events, long startedAt, long lag)
    {
        if (_revision != _options.Revision)
            AdaptAgain();
        if (events == 0)
            return;
        var now = _time.GetTimestamp();
        var isFull = events >= _batchEvents || lag >= _batchEvents;
        _measured = _measured with
        {
            Events = _measured.Events + events,
            Batches = _measured.Batches + 1,
            FullBatches = _measured.FullBatches + (isFull ? 1 : 0),
            Busy = _measured.Busy + _time.GetElapsedTime(startedAt, now),
            Elapsed = _time.GetElapsedTime(_startedAt, now),
            Lag = lag,
        };
        if (_measured.Elapsed < MinInterval || (_measured.Batches < 2 && _measured.Elapsed < MaxInterval))
            return;
        Decide(_measured);
        Restart();
    }

    /// <summary>Starts to adapt again, because the requirements have changed.</summary>
    private void AdaptAgain()
    {
        _revision = _options.Revision;
        _controller = new LoadController(_options, Environment.ProcessorCount);
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
        _metrics.Decided(_consumer, reason);
    }
}
