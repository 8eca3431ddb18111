namespace Millrace;

/// <summary>What happens to a process if an awaited event does not come in time.</summary>
public enum TimeoutRule
{
    /// <summary>
    /// The steps that were done are compensated; after the point of no return the instance is held. The default.
    /// </summary>
    Fail,

    /// <summary>The process continues without the event.</summary>
    GoOn,

    /// <summary>The instance is held for a user.</summary>
    Hold,
}
