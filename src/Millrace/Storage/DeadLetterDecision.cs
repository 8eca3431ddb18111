namespace Millrace.Storage;

/// <summary>A decision about a dead letter.</summary>
public enum DeadLetterDecision
{
    /// <summary>Retry the event.</summary>
    Retry,

    /// <summary>Skip the event. The consumer then handles the events that wait for it.</summary>
    Skip,

    /// <summary>Discard the event, and all events that wait for it at that moment.</summary>
    Discard,
}
