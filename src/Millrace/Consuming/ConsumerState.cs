namespace Millrace;

/// <summary>The state of a consumer.</summary>
/// <remarks>
/// <para>A consumer starts in <see cref="CatchingUp"/>, is <see cref="Live"/> once it has reached the end of the log,
/// and returns when it falls more than <see cref="ConsumerOptions.BatchEvents"/> behind. An operator's pause leads to
/// <see cref="Paused"/> from any state, and resuming leads back to <see cref="CatchingUp"/>.</para>
/// <para>A failing event is retried with growing delays. After <see cref="ConsumerOptions.Retries"/> retries the
/// consumer is <see cref="Stalled"/>, keeps retrying slowly, and is <see cref="CatchingUp"/> again as soon as the event
/// succeeds. A consumer whose position does not change for <see cref="ConsumerOptions.StallAfter"/> while the log has
/// newer events is <see cref="Stalled"/> as well. <see cref="Faulted"/> is a consumer that cannot start: its collection
/// or tables cannot be created, or its broker was never available. It also retries slowly.</para>
/// </remarks>
public enum ConsumerState
{
    /// <summary>It handles events that were recorded a while ago, or waits for its start.</summary>
    CatchingUp,

    /// <summary>It follows the log as it grows.</summary>
    Live,

    /// <summary>An operator paused it.</summary>
    Paused,

    /// <summary>It makes no progress. Its problem contains the reason and the position.</summary>
    Stalled,

    /// <summary>It cannot start. Its problem contains the reason.</summary>
    Faulted,

    /// <summary>It waits for an external service whose circuit breaker is open, and probes it with one event.</summary>
    CircuitOpen,
}
