namespace Millrace;

/// <summary>What becomes of times at which nobody was there to run a schedule.</summary>
public enum MissedRuns
{
    /// <summary>It runs once for all of them, as soon as somebody is there. The default.</summary>
    Once,

    /// <summary>They are passed over.</summary>
    Skip,

    /// <summary>It runs for each of them, one after the other.</summary>
    All,
}
