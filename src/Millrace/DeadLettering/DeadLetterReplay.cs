namespace Millrace;

/// <summary>The result of a decision about several dead letters.</summary>
/// <param name="Decided">The number of dead letters to which the action was applied.</param>
/// <param name="Conflicted">The number of dead letters that another client changed first. The action was not applied to
/// them.</param>
/// <param name="Succeeded">The number of events that succeeded, if the replay waited for outcomes.</param>
/// <param name="Failed">The number of events that failed again, if the replay waited for outcomes.</param>
/// <param name="IsStopped">True if the replay stopped because too many events failed.</param>
public sealed record DeadLetterReplay(int Decided, int Conflicted, int Succeeded, int Failed, bool IsStopped)
{
    /// <summary>
    /// Gets the id of the last dead letter that was processed, after which a further replay continues; 0 if no dead
    /// letter matched.
    /// </summary>
    public long Last { get; init; }
}
