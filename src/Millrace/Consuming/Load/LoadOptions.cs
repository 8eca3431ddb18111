namespace Millrace;

/// <summary>
/// Requirements from which a consumer chooses the size of its batches and the number of its workers while it runs.
/// </summary>
public sealed class LoadOptions
{
    private const int WorkersPerProcessor = 16;
    private const int MaxEvents = 10_000;
    private const int WorkerLimit = 64;

    /// <summary>Gets or sets what the consumer prefers; balanced by default.</summary>
    public LoadPriority Priority { get; set; }

    /// <summary>
    /// Gets or sets the maximum duration of a batch; from 1 millisecond to 1 minute. Null (default) means the value of
    /// <see cref="Priority"/>. After a longer batch, the next batches have fewer events.
    /// </summary>
    public TimeSpan? TargetLatency { get; set; }

    /// <summary>
    /// Gets or sets the number of events per second that the consumer must handle; from 0.1 to 1,000,000. Batches and
    /// workers grow while it handles fewer and events wait. Null (default) means as many as are appended.
    /// </summary>
    public double? TargetThroughput { get; set; }

    /// <summary>Gets or sets the minimum size of a batch, in events; from 1 to 10,000, 10 by default.</summary>
    public int MinBatchEvents { get; set; } = 10;

    /// <summary>Gets or sets the maximum size of a batch, in events; from 1 to 10,000, 10,000 by default.</summary>
    public int MaxBatchEvents { get; set; } = MaxEvents;

    /// <summary>Gets or sets the minimum number of workers; from 1 to 64, 1 by default.</summary>
    public int MinWorkers { get; set; } = 1;

    /// <summary>
    /// Gets or sets the maximum number of workers; from 1 to 64. Null (default) means 16 per processor, because
    /// handlers usually wait for other services. While more than 80 % of the memory is in use, the maximum is half of
    /// it, and while the process uses more than 70 % of the processors, four fifths.
    /// </summary>
    public int? MaxWorkers { get; set; }

    /// <summary>Returns a copy of the requirements that a caller sets.</summary>
    /// <exception cref="ArgumentException">The requirements are not valid.</exception>
    internal static LoadOptions Create(Action<LoadOptions>? configure)
    {
        var options = new LoadOptions();
        configure?.Invoke(options);
        return options.Problems().ToArray() is { Length: > 0 } problems
            ? throw new ArgumentException(string.Join(" ", problems), nameof(configure))
            : options.Copy();
    }

    internal TimeSpan BatchTime => TargetLatency ?? Priority switch
    {
        LoadPriority.Latency => TimeSpan.FromMilliseconds(50),
        LoadPriority.Throughput => TimeSpan.FromSeconds(2),
        _ => TimeSpan.FromMilliseconds(250),
    };

    internal int WorkersOf(int processors) => MaxWorkers ?? Math.Min(WorkerLimit, WorkersPerProcessor * processors);

    /// <summary>Gets the number of changes while consumers run.</summary>
    internal int Revision { get; private set; }

    /// <summary>Takes over changed requirements. Consumers start to adapt again with them.</summary>
    internal void Take(LoadOptions changed)
    {
        if (AreEqual(changed))
            return;
        (Priority, TargetLatency, TargetThroughput) =
            (changed.Priority, changed.TargetLatency, changed.TargetThroughput);
        (MinBatchEvents, MaxBatchEvents) = (changed.MinBatchEvents, changed.MaxBatchEvents);
        (MinWorkers, MaxWorkers) = (changed.MinWorkers, changed.MaxWorkers);
        Revision++;
    }

    private bool AreEqual(LoadOptions other) =>
        (Priority, TargetLatency, TargetThroughput, MinBatchEvents, MaxBatchEvents, MinWorkers, MaxWorkers).Equals((
            other.Priority, other.TargetLatency, other.TargetThroughput, other.MinBatchEvents, other.MaxBatchEvents,
            other.MinWorkers, other.MaxWorkers));

    internal LoadOptions Copy() => (LoadOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Priority))
            yield return $"{nameof(Priority)}: must be Balanced, Latency or Throughput, but is {Priority}.";
        if (TargetLatency is { } latency
            && (latency < TimeSpan.FromMilliseconds(1) || latency > TimeSpan.FromMinutes(1)))
            yield return $"{nameof(TargetLatency)}: must be from 1 millisecond to 1 minute, but is {latency}.";
        if (TargetThroughput is { } throughput && !(throughput is >= 0.1 and <= 1_000_000))
            yield return $"{nameof(TargetThroughput)}: must be from 0.1 to 1,000,000, but is {throughput}.";
        if (MinBatchEvents is < 1 or > MaxEvents)
            yield return $"{nameof(MinBatchEvents)}: must be from 1 to 10,000, but is {MinBatchEvents:N0}.";
        if (MaxBatchEvents is < 1 or > MaxEvents)
            yield return $"{nameof(MaxBatchEvents)}: must be from 1 to 10,000, but is {MaxBatchEvents:N0}.";
        else if (MaxBatchEvents < MinBatchEvents)
            yield return $"{nameof(MaxBatchEvents)}: must be at least {nameof(MinBatchEvents)}, which is "
                + $"{MinBatchEvents:N0}, but is {MaxBatchEvents:N0}.";
        if (MinWorkers is < 1 or > WorkerLimit)
            yield return $"{nameof(MinWorkers)}: must be from 1 to 64, but is {MinWorkers:N0}.";
        if (MaxWorkers is < 1 or > WorkerLimit)
            yield return $"{nameof(MaxWorkers)}: must be from 1 to 64, but is {MaxWorkers:N0}.";
        else if (MaxWorkers < MinWorkers)
            yield return $"{nameof(MaxWorkers)}: must be at least {nameof(MinWorkers)}, which is {MinWorkers:N0}, but "
                + $"is {MaxWorkers:N0}.";
    }
}
