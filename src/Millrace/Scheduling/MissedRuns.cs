namespace Millrace;

/// <summary>Defines the action for times at which no node was running to run a schedule.</summary>
public enum MissedRuns
{
    /// <summary>
    /// The schedule runs once for all missed times, as soon as a node is running. This is the default.
    /// </summary>
    Once,

    /// <summary>The schedule does not run for missed times.</summary>
    Skip,

    /// <summary>The schedule runs for each missed time, one after the other.</summary>
    All,
}
