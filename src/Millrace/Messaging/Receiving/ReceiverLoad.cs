using Millrace.Consuming;

namespace Millrace.Messaging.Receiving;

/// <summary>
/// The size of batches and the number of workers of a receiver that adapts them. The run of the receiver reports its
/// batches, of which several can be underway. Its handlers enter and leave from any thread.
/// </summary>
internal sealed class ReceiverLoad
{
    private readonly AdaptiveLoad _load;
    private readonly WorkerGate _gate;
    private readonly TimeProvider _time;
    private readonly UnfinishedMessages _unfinished = new();
    private long? _busySince; // The time from which the next report counts as busy; null while no batch is underway.
    private bool _isLimited; // Whether the receiver could have taken more messages since the last report.

    /// <param name="options">The requirements.</param>
    /// <param name="bounds">The bounds, which follow from the maximum number of messages in flight.</param>
    /// <param name="resources">The monitor of memory and processors.</param>
    /// <param name="decided">Called for each decision.</param>
    /// <param name="time">The clock.</param>
    public ReceiverLoad(
        LoadOptions options,
        LoadBounds bounds,
        ResourceMonitor resources,
        Action<LoadReason> decided,
        TimeProvider time)
    {
        _time = time;
        _load = new AdaptiveLoad(options, bounds, resources, decided, time);
        _gate = new WorkerGate(() => _load.Workers);
    }

    /// <summary>Gets the maximum number of messages of a batch.</summary>
    public int BatchMessages => _load.BatchEvents;

    /// <summary>Gets the number of messages of the batches underway that are not finished.</summary>
    public int UnfinishedCount => _unfinished.Count;

    public LoadStatus TakeStatus() => _load.TakeStatus();

    /// <summary>Waits for a worker. The caller releases it with <see cref="Leave"/>.</summary>
    public ValueTask Enter(CancellationToken cancellationToken) => _gate.Enter(cancellationToken);

    /// <summary>Releases the worker of <see cref="Enter"/>.</summary>
    public void Leave() => _gate.Leave();

    /// <summary>Forgets the measurements, because the receiver starts again.</summary>
    public void Restart()
    {
        (_busySince, _isLimited) = (null, false);
        _load.Restart();
    }

    /// <summary>Records that the maximum number of messages was in flight or was taken.</summary>
    public void Limited() => _isLimited = true;

    /// <summary>Records that a batch starts.</summary>
    /// <param name="messages">The number of its messages.</param>
    public void Started(int messages)
    {
        _busySince ??= _time.GetTimestamp();
        _unfinished.Add(messages);
    }

    /// <summary>Records that messages are finished, or that their batch has failed. Any thread can call it.</summary>
    public void Finished(int messages) => _unfinished.Remove(messages);

    /// <summary>Returns a task that completes when at most a number of messages is unfinished.</summary>
    public Task WhenUnfinished(int atMost) => _unfinished.WhenAtMost(atMost);

    /// <summary>Records that batches have ended. They are those since the last call.</summary>
    /// <param name="batches">Their numbers of messages and the times at which they started and ended.</param>
    /// <param name="inFlight">The number of messages of the batches that are underway.</param>
    public void Ended(IReadOnlyList<(int Messages, long StartedAt, long EndedAt)> batches, int inFlight)
    {
        if (batches.Count == 0)
            return;
        var now = inFlight > 0 ? _time.GetTimestamp() : batches.Max(static batch => batch.EndedAt);
        var busy = _busySince is { } since && since < now ? _time.GetElapsedTime(since, now) : TimeSpan.Zero;
        _busySince = inFlight == 0 ? null : now;
        var isFull = _isLimited || _gate.WaitingCount > 0;
        _isLimited = false;
        foreach (var (messages, startedAt, endedAt) in batches)
        {
            _load.Report(messages, _time.GetElapsedTime(startedAt, endedAt), busy, isFull, inFlight);
            busy = TimeSpan.Zero; // Counts once.
        }
    }
}
