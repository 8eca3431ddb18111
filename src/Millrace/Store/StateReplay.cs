namespace Millrace;

/// <summary>Folds events into one state in memory, beside the store and without any effect on it, and tells the state
/// as JSON.</summary>
internal abstract class StateReplay
{
    /// <summary>Folds an event. What the application's code throws is thrown, and the state is as it was
    /// before.</summary>
    /// <returns>The rules of the application that were applied, for people; none when the event is not for this
    /// state.</returns>
    public abstract IReadOnlyList<string> Fold(RecordedEvent recorded);

    /// <summary>The state as JSON; null when there is none.</summary>
    public abstract byte[]? Write();
}
