namespace Millrace.Storage;

/// <summary>A decision about a dead letter.</summary>
public enum DeadLetterDecision
{
    /// <summary>Retry the event.</summary>
    Retry,

    /// <summary>Skip the event; the events behind it continue.</summary>
    Skip,

    /// <summary>Discard the event, and the events that wait behind it at that moment.</summary>
    Discard,
}
