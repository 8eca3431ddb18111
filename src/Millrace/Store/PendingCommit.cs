using Millrace.Storage;

namespace Millrace;

/// <summary>A request waiting in the queue. Exactly one of the writer (by taking it) and its caller (by cancelling it)
/// gets it.</summary>
/// <remarks>
/// Its caller goes on from the end of the pool's common queue, in which the loop stands as well: those answered
/// together come first, and what they append next is committed together. The queue of a single thread of the pool is
/// looked at only after the common one by all other threads, so that the loop would overtake them.
/// </remarks>
internal sealed class PendingCommit(
    CommitRequest request,
    int events,
    long bytes,
    CommitGroup? group = null,
    int place = 0) : TaskCompletionSource<CommitOutcome>, IThreadPoolWorkItem
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Completed = 2;

    private CommitResponse _answer;
    private CancellationToken _givenUp;
    private int _state;

    public CommitRequest Request { get; } = request;

    public int Events { get; } = events;

    public long Bytes { get; } = bytes;

    /// <summary>Whether its caller waits for others with it.</summary>
    public bool IsOfGroup => group is not null;

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Whether its caller commits it, instead of the loop.</summary>
    public bool CommitsOnCaller { get; set; }

    /// <summary>A request to be queued, by itself or as one of a group.</summary>
    public static PendingCommit Of(CommitRequest request, CommitGroup? group = null, int place = 0)
    {
        var events = 0;
        var bytes = 256L;
        for (var i = 0; i < request.Appends.Count; i++)
        {
            var appended = request.Appends[i].Events;
            events += appended.Count;
            for (var j = 0; j < appended.Count; j++)
                bytes += appended[j].Payload.Length + appended[j].MetadataBytes.Length;
        }
        for (var i = 0; i < request.Documents.Count; i++)
            bytes += request.Documents[i].Body?.Length ?? 0;
        return new PendingCommit(request, events, bytes, group, place);
    }

    /// <summary>Takes it for the commit; from now on it cannot be cancelled.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Completed, Queued) != Queued)
            return;
        _givenUp = cancellationToken;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Tells its caller the outcome.</summary>
    public void Complete(CommitOutcome outcome) => Complete(new CommitResponse(outcome, null));

    /// <summary>Tells its caller what went wrong.</summary>
    public void Fail(Exception failure) => Complete(new CommitResponse(null, failure));

    /// <summary>Lets its caller go on.</summary>
    public void Execute()
    {
        if (_answer.Outcome is { } outcome)
            TrySetResult(outcome);
        else if (_answer.Failure is { } failure)
            TrySetException(failure);
        else
            TrySetCanceled(_givenUp);
    }

    private void Complete(CommitResponse answer)
    {
        if (Interlocked.Exchange(ref _state, Completed) == Completed)
            return;
        if (group is not null)
        {
            group.Complete(place, answer);
            return;
        }
        _answer = answer;
        if (CommitsOnCaller)
            Execute(); // Its caller, who is here, does not wait for it yet.
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
