namespace Millrace;

/// <summary>
/// Decides whether to delay a batch so that more requests can join it. A delay helps if callers send their next request
/// right after an answer. If they do other work in between, such as loading state, it would only delay the waiting
/// requests.
/// </summary>
internal sealed class BatchDelay
{
    private const double MinShare = 0.25;
    private const int RecheckAfter = 16;
    private const double DecayFactor = 0.875; // Per delay, so that about the last eight count.

    private double _joined;
    private double _all;
    private int _skipped;

    /// <summary>Returns whether to delay the batch.</summary>
    /// <param name="waiting">The number of waiting requests.</param>
    /// <param name="lastBatch">The number of requests in the last batch. If fewer than half as many wait, a delay is
    /// always worthwhile.</param>
    public bool ShouldDelay(int waiting, int lastBatch)
    {
        if (_joined < MinShare * _all && 2 * waiting >= lastBatch && ++_skipped < RecheckAfter)
            return false;
        _skipped = 0;
        return true;
    }

    /// <summary>Records the effect of a delay.</summary>
    /// <param name="before">The number of waiting requests before the delay.</param>
    /// <param name="after">The number of waiting requests after the delay.</param>
    public void Note(int before, int after)
    {
        _joined = (_joined * DecayFactor) + after - before;
        _all = (_all * DecayFactor) + after;
    }
}
