namespace Millrace;

/// <summary>What becomes of times that come while a schedule still runs. It never runs twice at the same time.</summary>
public enum OverlappingRuns
{
    /// <summary>They are passed over. The default.</summary>
    Skip,

    /// <summary>It runs for them when it is done.</summary>
    Queue,
}
