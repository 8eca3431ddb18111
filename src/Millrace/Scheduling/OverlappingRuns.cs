namespace Millrace;

/// <summary>
/// What happens to times that are due while a schedule is still running. A schedule never runs twice at once.
/// </summary>
public enum OverlappingRuns
{
    /// <summary>They are skipped. The default.</summary>
    Skip,

    /// <summary>
    /// The schedule runs for each of them afterwards, one after the other. At most 100 wait; further ones are skipped.
    /// </summary>
    Queue,
}
