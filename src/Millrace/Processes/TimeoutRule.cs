namespace Millrace;

/// <summary>What becomes of a process when an event that it waits for does not come in time.</summary>
public enum TimeoutRule
{
    /// <summary>What was done is undone; behind the point of no return it is held for a person. The default.</summary>
    Fail,

    /// <summary>It goes on without the event.</summary>
    GoOn,

    /// <summary>It is held for a person.</summary>
    Hold,
}
