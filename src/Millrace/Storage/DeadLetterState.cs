namespace Millrace.Storage;

/// <summary>The state of a dead letter.</summary>
/// <remarks>
/// In the first four states, the dead letter is open, and later events of the key wait. The other states are final.
/// They remain stored so that a rebuild treats the event in the same way.
/// </remarks>
public enum DeadLetterState
{
    /// <summary>The event failed and is retried automatically at <see cref="DeadLetter.RetryAt"/>.</summary>
    RetryAt,

    /// <summary>The event failed permanently and waits for an operator.</summary>
    Parked,

    /// <summary>The event has not been tried, because an earlier event of its key is still open.</summary>
    Waiting,

    /// <summary>
    /// An operator has made a <see cref="DeadLetter.Decision"/>, which the consumer has not executed yet.
    /// </summary>
    Released,

    /// <summary>
    /// An operator decided to skip the event. The consumer has continued with the events that waited for it.
    /// </summary>
    Skipped,

    /// <summary>An operator decided to discard the event and the events that waited for it.</summary>
    Discarded,

    /// <summary>
    /// The consumer handled the event with <see cref="DeadLetter.EditedPayload"/> instead of the payload in the log.
    /// </summary>
    Corrected,
}
