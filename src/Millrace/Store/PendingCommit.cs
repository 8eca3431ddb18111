using Millrace.Storage;

namespace Millrace;

/// <summary>A request waiting in the queue. Exactly one of the writer (by taking it) and its caller (by cancelling it) gets it.</summary>
internal sealed class PendingCommit(CommitRequest request, int events, long bytes)
    : TaskCompletionSource<CommitOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;

    public CommitRequest Request { get; } = request;

    public int Events { get; } = events;

    public long Bytes { get; } = bytes;

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Whether its caller commits it, instead of the loop.</summary>
    public bool CommitsItself { get; set; }

    /// <summary>Takes it for the commit; from now on it cannot be cancelled.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Queued) == Queued)
            TrySetCanceled(cancellationToken);
    }
}
