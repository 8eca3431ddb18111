namespace Millrace.Store;

/// <summary>
/// Folds events into a state in memory, without any effect on the store, and writes the state as JSON.
/// </summary>
internal abstract class StateReplay
{
    /// <summary>
    /// Folds an event. If the application's code throws an exception, the caller receives the exception and the state
    /// does not change.
    /// </summary>
    /// <returns>The display names of the application's rules that were applied; empty if the event does not concern the
    /// state.</returns>
    public abstract IReadOnlyList<string> Fold(RecordedEvent recorded);

    /// <summary>Returns the state as JSON; null if there is no state.</summary>
    public abstract byte[]? Write();
}
