namespace Millrace;

/// <summary>Defines the action of a process if an awaited event does not arrive in time.</summary>
public enum TimeoutRule
{
    /// <summary>
    /// The process compensates the steps that were done. After the point of no return it holds the instance. This is
    /// the default.
    /// </summary>
    Fail,

    /// <summary>The process continues without the event.</summary>
    Continue,

    /// <summary>The instance is held for a user.</summary>
    Hold,
}
