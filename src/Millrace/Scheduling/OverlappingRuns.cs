namespace Millrace;

/// <summary>
/// Defines the action for times that are due while a schedule is still running. A schedule never has two runs at the
/// same time.
/// </summary>
public enum OverlappingRuns
{
    /// <summary>The schedule does not run for these times. This is the default.</summary>
    Skip,

    /// <summary>
    /// The schedule runs for each of these times afterwards, one after the other. The queue holds at most 100 due
    /// times, and further times are skipped.
    /// </summary>
    Queue,
}
