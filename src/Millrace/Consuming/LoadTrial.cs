namespace Millrace.Consuming;

/// <summary>
/// The settings of a consumer for a short time, and the batches that it handled with them. Thread-safe.
/// </summary>
/// <param name="batchEvents">The maximum number of events of a batch; null for the consumer's own.</param>
/// <param name="workers">The number of workers; null for the consumer's own.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadTrial(int? batchEvents, int? workers, TimeProvider time)
{
    /// <summary>
    /// The time after the last <see cref="KeepAlive"/> at which a trial has no effect any more, so that the consumer
    /// returns to its own settings in any case.
    /// </summary>
    public static readonly TimeSpan Expiry = TimeSpan.FromSeconds(5);

    private const int MaxBatches = 100_000;

    private readonly long _startedAt = time.GetTimestamp();
    private readonly Lock _lock = new(); // Guards the batches.
    private readonly List<TrialBatch> _batches = [];
    private long _aliveAt = time.GetTimestamp();
    private int _reported;

    public int? BatchEvents { get; } = batchEvents;

    public int? Workers { get; } = workers;

    /// <summary>Gets whether the trial has expired.</summary>
    public bool IsOver => time.GetElapsedTime(Interlocked.Read(ref _aliveAt)) > Expiry;

    /// <summary>
    /// Gets whether a batch has ended since the trial started, so that the next ones have its settings.
    /// </summary>
    public bool IsEffective => Volatile.Read(ref _reported) > 0;

    /// <summary>Gets the number of batches.</summary>
    public int Batches
    {
        get
        {
            lock (_lock)
                return _batches.Count;
        }
    }

    /// <summary>Prevents that the trial expires. Its owner calls it several times per second.</summary>
    public void KeepAlive() => Interlocked.Exchange(ref _aliveAt, time.GetTimestamp());

    /// <summary>
    /// Considers a batch that was handled. Ignores those whose events were read with other settings: all that started
    /// before the trial, larger ones, and the first.
    /// </summary>
    /// <param name="events">The number of its events.</param>
    /// <param name="startedAt">The time at which the consumer started to read them.</param>
    /// <param name="lag">The number of events that wait after it.</param>
    public void Report(int events, long startedAt, long lag)
    {
        var isFirst = Interlocked.Increment(ref _reported) == 1;
        if (isFirst || events == 0 || events > BatchEvents || startedAt < _startedAt)
            return;
        var isFull = lag > 0 && (BatchEvents is not { } max || events >= max || lag >= max);
        var batch = new TrialBatch(time.GetElapsedTime(startedAt), events, isFull);
        lock (_lock)
        {
            if (_batches.Count < MaxBatches)
                _batches.Add(batch);
        }
    }

    /// <summary>Returns the batches until now.</summary>
    public IReadOnlyList<TrialBatch> TakeBatches()
    {
        lock (_lock)
            return [.. _batches];
    }
}
