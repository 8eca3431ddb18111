using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// A request in the <see cref="CommitQueue"/>. Either a batch takes the request, or the caller cancels it, never both.
/// </summary>
/// <remarks>
/// The continuation of the caller runs from the global queue of the thread pool, which the commit loop also uses. So
/// callers that were answered together run before the commit loop, and their next requests share a commit. With the
/// local queue of a thread, the commit loop would run first, because other threads check the global queue before local
/// queues.
/// </remarks>
internal sealed class PendingCommit(
    CommitRequest request,
    int events,
    long bytes,
    CommitGroup? group = null,
    int index = 0) : TaskCompletionSource<CommitOutcome>, IThreadPoolWorkItem
{
    private const int Queued = 0;
    private const int Taken = 1;
    private const int Completed = 2;

    private CommitResponse _answer;
    private CancellationToken _cancelledBy;
    private int _state;

    public CommitRequest Request { get; } = request;

    public int Events { get; } = events;

    public long Bytes { get; } = bytes;

    /// <summary>Gets whether the caller awaits the request together with other requests.</summary>
    public bool HasGroup => group is not null;

    public CancellationTokenRegistration Registration { get; set; }

    /// <summary>Gets or sets whether the caller commits the request instead of the commit loop.</summary>
    public bool CommitsOnCaller { get; set; }

    /// <summary>Creates a request for the queue, alone or as a member of a group.</summary>
    public static PendingCommit Of(CommitRequest request, CommitGroup? group = null, int index = 0)
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
        for (var i = 0; i < request.Replacements.Count; i++)
            bytes += request.Replacements[i].Payload.Length + request.Replacements[i].MetadataBytes.Length;
        for (var i = 0; i < request.Documents.Count; i++)
            bytes += request.Documents[i].Body?.Length ?? 0;
        return new PendingCommit(request, events, bytes, group, index);
    }

    /// <summary>
    /// Takes the request for a commit, and returns false if the caller has cancelled it. A taken request can no longer
    /// be cancelled.
    /// </summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Queued) == Queued;

    public void TryCancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Completed, Queued) != Queued)
            return;
        _cancelledBy = cancellationToken;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Returns the outcome to the caller.</summary>
    public void Complete(CommitOutcome outcome) => Complete(new CommitResponse(outcome, null));

    /// <summary>Returns a failure to the caller.</summary>
    public void Fail(Exception failure) => Complete(new CommitResponse(null, failure));

    /// <summary>Resumes the caller.</summary>
    public void Execute()
    {
        if (_answer.Outcome is { } outcome)
            TrySetResult(outcome);
        else if (_answer.Failure is { } failure)
            TrySetException(failure);
        else
            TrySetCanceled(_cancelledBy);
    }

    private void Complete(CommitResponse answer)
    {
        if (Interlocked.Exchange(ref _state, Completed) == Completed)
            return;
        if (group is not null)
        {
            group.Complete(index, answer);
            return;
        }
        _answer = answer;
        if (CommitsOnCaller)
            Execute(); // This code runs on the caller's thread, so the caller does not await the result yet.
        else
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
