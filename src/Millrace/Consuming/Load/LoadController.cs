namespace Millrace.Consuming.Load;

/// <summary>
/// Chooses the maximum size of batches and the number of workers of a consumer or receiver from measurements of
/// intervals. Without I/O and clock: the same measurements give the same decisions.
/// </summary>
/// <remarks>
/// A batch that takes longer than the target has one fifth fewer events the next time. While events wait and batches
/// are clearly shorter than the target, they have one fifth more. Between 80 % and 100 % of the target, nothing
/// changes. The number of workers is searched while events wait, and otherwise stays.
/// </remarks>
internal sealed class LoadController
{
    private const double Shrink = 0.8;
    private const double Grow = 1.2;
    private const double Comfortable = 0.8; // The share of the target below which batches may grow.
    private const double MaxPredicted = 0.97; // The share of the target that a grown batch may need.
    private const int MaxSteps = 5;

    private readonly LoadOptions _options;
    private readonly TimeSpan _target;
    private readonly int _minSize;
    private readonly int _maxSize;
    private readonly int _concurrentBatches;
    private readonly int _maxWorkers;
    private readonly WorkerLimit _limit;
    private readonly WorkerSearch _search;
    private double _size;

    public LoadController(LoadOptions options, int processors)
        : this(options, processors, LoadBounds.None)
    {
    }

    public LoadController(LoadOptions options, int processors, LoadBounds bounds)
    {
        _options = options;
        _maxSize = Math.Min(options.MaxBatchEvents, bounds.MaxBatchEvents);
        _minSize = Math.Min(options.MinBatchEvents, _maxSize);
        _concurrentBatches = bounds.ConcurrentBatches;
        _target = options.BatchTime;
        _maxWorkers = options.WorkersOf(processors);
        _limit = new WorkerLimit(_maxWorkers);
        _search = new WorkerSearch(
            Math.Clamp(processors, options.MinWorkers, Math.Max(options.MinWorkers, _maxWorkers)), options.MinWorkers);
        _size = Math.Clamp(FirstSize(options.Priority), _minSize, _maxSize);
    }

    /// <summary>Gets the maximum number of events of a batch.</summary>
    public int BatchEvents => (int)Math.Round(_size);

    /// <summary>Gets the number of workers.</summary>
    public int Workers => _search.Workers;

    /// <summary>Considers an interval. Returns the reason for a change, or null if nothing changes.</summary>
    public LoadReason? Observe(LoadMeasurement measured, ResourceUse use)
    {
        var (size, workers) = (BatchEvents, Workers);
        var max = Math.Max(_limit.Update(use), Math.Min(_options.MinWorkers, _maxWorkers));
        if (_search.TryLimit(max))
            return LoadReason.ResourcesScarce;
        if (measured.Batches == 0)
            return null;
        if (!measured.HasBacklog)
            _search.Cancel();
        // A change of the size changes the events per second as well, so only one of both changes at a time.
        var reason = _search.IsTrying ? LoadReason.Trial : Resize(measured);
        if (measured.HasBacklog && size == BatchEvents)
        {
            var useful = Math.Max(_options.MinWorkers, BatchEvents * _concurrentBatches);
            _search.Observe(measured.Capacity, Math.Min(max, useful));
            reason = LoadReason.Trial;
        }
        return size == BatchEvents && workers == Workers ? null : reason;
    }

    private static int FirstSize(LoadPriority priority) => priority switch
    {
        LoadPriority.Latency => 100,
        LoadPriority.Throughput => 2_000,
        _ => 500,
    };

    private LoadReason Resize(LoadMeasurement measured)
    {
        var share = measured.BatchTime / _target;
        if (share > 1)
        {
            // Batches that are not full take long although the limit is higher.
            var steps = Steps(share, 1 / Shrink);
            _size = Math.Max(_minSize, Math.Min(_size, measured.BatchEvents) * Math.Pow(Shrink, steps));
            return LoadReason.LatencyOverTarget;
        }
        if (share < Comfortable && IsUnderTarget(measured))
        {
            var steps = Steps(Comfortable / share, Grow);
            var size = Math.Min(_maxSize, _size * Math.Pow(Grow, steps));
            // One event more can be a third of a small batch, which would be over the target and shrink again.
            if (share * Math.Round(size) / BatchEvents <= MaxPredicted)
                _size = size;
        }
        return LoadReason.EventsWait;
    }

    /// <summary>Returns the number of factors that lead close to the target, at least 1.</summary>
    private static int Steps(double share, double factor) =>
        Math.Clamp((int)(Math.Log(share) / Math.Log(factor)), 1, MaxSteps);

    private bool IsUnderTarget(LoadMeasurement measured) =>
        measured.HasBacklog && !(measured.Throughput >= _options.TargetThroughput);
}
