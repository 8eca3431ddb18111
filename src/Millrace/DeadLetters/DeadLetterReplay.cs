namespace Millrace;

/// <summary>The result of a decision about several dead letters.</summary>
/// <param name="Released">The number of dead letters that were decided.</param>
/// <param name="Missed">The number of dead letters that had changed in the meantime, and were left unchanged.</param>
/// <param name="Passed">The number of events that succeeded, if the outcomes were waited for.</param>
/// <param name="Failed">The number of events that failed again, if the outcomes were waited for.</param>
/// <param name="IsStopped">True when the replay stopped because too many events failed.</param>
public sealed record DeadLetterReplay(int Released, int Missed, int Passed, int Failed, bool IsStopped)
{
    /// <summary>
    /// Gets the id of the last dead letter that was processed, after which a further replay continues; 0 when none
    /// matched.
    /// </summary>
    public long Last { get; init; }
}
