namespace Millrace;

/// <summary>
/// How far a consumer is and how it fares. Written by the consumer, read by everybody, waited on by readers of its read model.
/// </summary>
internal sealed class ConsumerProgress(TimeProvider time)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _moved;
    private long _position;
    private long _movedAt;
    private ConsumerState _state;
    private ConsumerProblem? _problem;
    private DateTimeOffset? _recordedAt;

    /// <summary>The last position whose effects can be read.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>What it is doing, by its own word.</summary>
    public ConsumerState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>What keeps it from getting on.</summary>
    public ConsumerProblem? Problem
    {
        get
        {
            lock (_lock)
                return _problem;
        }
    }

    /// <summary>When the last event it has handled was recorded.</summary>
    public DateTimeOffset? RecordedAt
    {
        get
        {
            lock (_lock)
                return _recordedAt;
        }
    }

    /// <summary>How long its position has stood still.</summary>
    public TimeSpan Standstill => time.GetElapsedTime(Interlocked.Read(ref _movedAt));

    /// <summary>Sets the position, backwards too.</summary>
    public void MoveTo(long position, DateTimeOffset? recordedAt = null)
    {
        lock (_lock)
        {
            if (recordedAt is not null)
                _recordedAt = recordedAt;
            if (position == _position)
                return;
            Interlocked.Exchange(ref _position, position);
            Interlocked.Exchange(ref _movedAt, time.GetTimestamp());
            _moved?.TrySetResult();
            _moved = null;
        }
    }

    /// <summary>Notes that it works again, so that the time before does not count as a standstill.</summary>
    public void Begin() => Interlocked.Exchange(ref _movedAt, time.GetTimestamp());

    public void Set(ConsumerState state)
    {
        lock (_lock)
        {
            _state = state;
            if (state is ConsumerState.CatchingUp or ConsumerState.Live)
                _problem = null;
        }
    }

    public void Set(ConsumerState state, ConsumerProblem problem)
    {
        lock (_lock)
            (_state, _problem) = (state, problem);
    }

    /// <summary>Completes when the position moves next, unless it has reached <paramref name="position"/> already: then null.</summary>
    public Task? NextMove(long position)
    {
        lock (_lock)
        {
            if (_position >= position)
                return null;
            _moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _moved.Task;
        }
    }
}
