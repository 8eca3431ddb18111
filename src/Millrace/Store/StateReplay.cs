namespace Millrace;

/// <summary>
/// Folds events into a state in memory, without any effect on the store, and writes the state as JSON.
/// </summary>
internal abstract class StateReplay
{
    /// <summary>
    /// Folds an event. Exceptions of the application's code are passed on, and leave the state unchanged.
    /// </summary>
    /// <returns>The display names of the applied rules of the application; none if the event does not concern the
    /// state.</returns>
    public abstract IReadOnlyList<string> Fold(RecordedEvent recorded);

    /// <summary>Returns the state as JSON; null if there is none.</summary>
    public abstract byte[]? Write();
}
