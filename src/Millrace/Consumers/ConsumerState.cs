namespace Millrace;

/// <summary>What a consumer is doing.</summary>
/// <remarks>
/// <para>It begins in <see cref="CatchingUp"/>, is <see cref="Live"/> once it has reached the end of the log, and goes
/// back when it falls more than <see cref="ConsumerOptions.BatchEvents"/> behind. An operator's pause leads to
/// <see cref="Paused"/> from any state, and resuming back to <see cref="CatchingUp"/>.</para>
/// <para>A failing event is retried with growing pauses; after <see cref="ConsumerOptions.Retries"/> of them the
/// consumer is <see cref="Stalled"/>, goes on trying slowly, and is <see cref="CatchingUp"/> again as soon as the event
/// passes. One whose position stands still for <see cref="ConsumerOptions.StallAfter"/> while the log goes on is
/// <see cref="Stalled"/> as well. <see cref="Faulted"/>
/// is a consumer that cannot even begin: its collection or tables cannot be made, or its broker was never there. It
/// tries again slowly, too.</para>
/// </remarks>
public enum ConsumerState
{
    /// <summary>It works through events that were recorded a while ago, or waits for its turn to begin.</summary>
    CatchingUp,

    /// <summary>It follows the log as it grows.</summary>
    Live,

    /// <summary>An operator paused it.</summary>
    Paused,

    /// <summary>It does not get on; its problem says why and where.</summary>
    Stalled,

    /// <summary>It cannot begin; its problem says why.</summary>
    Faulted,

    /// <summary>It waits for a service outside, whose circuit breaker is open, and probes it with one event.</summary>
    CircuitOpen,
}
