namespace Millrace;

/// <summary>
/// Whether to let others join a batch before it is taken. That is worth it where those who were just answered come
/// again at once; where they have something to do in between, such as loading what they decide on, those who wait would
/// only be held up.
/// </summary>
internal sealed class BatchDelay
{
    private const double MinShare = 0.25;
    private const int RecheckAfter = 16;
    private const double DecayFactor = 0.875; // Of what was, with each pause: the last eight or so count.

    private double _joined;
    private double _all;
    private int _passedOver;

    /// <summary>Whether to pause now.</summary>
    /// <param name="waiting">How many wait.</param>
    /// <param name="lastBatch">How many there were in the last batch: where fewer than half of that wait, it is always
    /// worth it.</param>
    public bool ShouldDelay(int waiting, int lastBatch)
    {
        if (_joined < MinShare * _all && 2 * waiting >= lastBatch && ++_passedOver < RecheckAfter)
            return false;
        _passedOver = 0;
        return true;
    }

    /// <summary>Notes what came of a pause.</summary>
    /// <param name="before">How many waited before it.</param>
    /// <param name="after">And behind it.</param>
    public void Note(int before, int after) =>
        (_joined, _all) = ((_joined * DecayFactor) + after - before, (_all * DecayFactor) + after);
}
