namespace Millrace;

/// <summary>The state of a consumer.</summary>
/// <remarks>
/// <para>A consumer starts in <see cref="CatchingUp"/>, and is <see cref="Live"/> once it has reached the end of the
/// log. It is <see cref="CatchingUp"/> again when it falls more than <see cref="ConsumerOptions.BatchEvents"/> behind.
/// An operator's pause leads to <see cref="Paused"/> from any state, and resuming leads back to
/// <see cref="CatchingUp"/>.</para>
/// <para>A failure that does not become a dead letter is retried with growing delays. After
/// <see cref="ConsumerOptions.Retries"/> retries, the consumer is <see cref="Stalled"/> and continues to retry slowly.
/// It is <see cref="CatchingUp"/> again as soon as a retry succeeds. A consumer whose position does not change for
/// <see cref="ConsumerOptions.StallAfter"/> while the log has newer events is <see cref="Stalled"/> as well.</para>
/// <para>A consumer is <see cref="Faulted"/> if it cannot start, because its collection or tables cannot be created, or
/// its broker was never available. It also retries slowly.</para>
/// </remarks>
public enum ConsumerState
{
    /// <summary>The consumer handles older events, or waits for its start.</summary>
    CatchingUp,

    /// <summary>The consumer follows the log as it grows.</summary>
    Live,

    /// <summary>An operator paused the consumer.</summary>
    Paused,

    /// <summary>The consumer makes no progress. Its problem contains the reason and the position.</summary>
    Stalled,

    /// <summary>The consumer cannot start. Its problem contains the reason.</summary>
    Faulted,

    /// <summary>
    /// The consumer waits for an external service whose circuit breaker is open, and probes the service with one event.
    /// </summary>
    CircuitOpen,
}
