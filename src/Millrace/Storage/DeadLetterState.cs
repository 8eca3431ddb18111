namespace Millrace.Storage;

/// <summary>The state of an event that a consumer could not handle, or that waits behind such an event.</summary>
/// <remarks>
/// The first four states are open: later events of the key wait. The other states are final, and are stored so that a
/// rebuild treats the event in the same way.
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
    /// An operator decided; the consumer carries out <see cref="DeadLetter.Decision"/> as soon as it sees it.
    /// </summary>
    Released,

    /// <summary>The event was skipped by a decision; the events behind it continued.</summary>
    Skipped,

    /// <summary>The event was discarded by a decision, together with the events behind it.</summary>
    Discarded,

    /// <summary>
    /// The event was handled with <see cref="DeadLetter.EditedPayload"/> instead of the payload in the log.
    /// </summary>
    Corrected,
}
