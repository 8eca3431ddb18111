namespace Millrace;

/// <summary>What becomes of times that come while a schedule still runs. It never runs twice at the same
/// time.</summary>
public enum OverlappingRuns
{
    /// <summary>They are passed over. The default.</summary>
    Skip,

    /// <summary>
    /// When it is done it runs for each of them, one after the other; at most 100 wait, and further ones are passed
    /// over.
    /// </summary>
    Queue,
}
