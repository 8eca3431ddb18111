namespace Millrace.Storage;

/// <summary>How an event stands that a consumer could not handle, or that waits behind such a one.</summary>
/// <remarks>
/// The first four are open: later events of the key wait. The others are decided for good, and are kept so that a
/// rebuild decides the same.
/// </remarks>
public enum DeadLetterState
{
    /// <summary>It failed and is tried again by itself at <see cref="DeadLetter.RetryAt"/>.</summary>
    RetryAt,

    /// <summary>It failed for good: somebody has to look at it.</summary>
    Parked,

    /// <summary>It has not been tried: an earlier event of its key has not passed yet.</summary>
    Waiting,

    /// <summary>Somebody decided; the consumer acts on <see cref="DeadLetter.Decision"/> as soon as it sees
    /// it.</summary>
    Released,

    /// <summary>It was passed over by decision; what waited behind it went on.</summary>
    Skipped,

    /// <summary>It was given up by decision, together with what waited behind it.</summary>
    Discarded,

    /// <summary>It was handled with <see cref="DeadLetter.EditedPayload"/> instead of what the log holds.</summary>
    Corrected,
}
