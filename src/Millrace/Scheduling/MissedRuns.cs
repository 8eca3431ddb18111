namespace Millrace;

/// <summary>What happens to times at which no node was running to run a schedule.</summary>
public enum MissedRuns
{
    /// <summary>The schedule runs once for all missed times, as soon as a node is running. The default.</summary>
    Once,

    /// <summary>Missed times are skipped.</summary>
    Skip,

    /// <summary>The schedule runs for each missed time, one after the other.</summary>
    All,
}
