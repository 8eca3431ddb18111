namespace Millrace.Store;

/// <summary>
/// Decides whether to delay a batch so that more requests can join it. A delay helps if callers send their next request
/// right after an answer. If the callers first do other work, such as loading state, the delay only slows down the
/// waiting requests.
/// </summary>
internal sealed class BatchDelay
{
    private const double MinShare = 0.25;
    private const int RecheckAfter = 16;
    private const double DecayFactor = 0.875; // Applied at each delay: about the last eight delays matter.

    private double _joinedRequests;
    private double _allRequests;
    private int _skipped;

    /// <summary>Returns whether to delay the batch.</summary>
    /// <param name="waiting">The number of waiting requests.</param>
    /// <param name="lastBatch">The number of requests in the last batch. If fewer than half as many requests wait, the
    /// batch is always delayed.</param>
    public bool ShouldDelay(int waiting, int lastBatch)
    {
        if (_joinedRequests < MinShare * _allRequests && 2 * waiting >= lastBatch && ++_skipped < RecheckAfter)
            return false;
        _skipped = 0;
        return true;
    }

    /// <summary>Records the effect of a delay.</summary>
    /// <param name="before">The number of waiting requests before the delay.</param>
    /// <param name="after">The number of waiting requests after the delay.</param>
    public void RecordDelay(int before, int after)
    {
        _joinedRequests = (_joinedRequests * DecayFactor) + after - before;
        _allRequests = (_allRequests * DecayFactor) + after;
    }
}
