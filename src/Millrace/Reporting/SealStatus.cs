namespace Millrace.Reporting;

/// <summary>The state of an event, compared with the seals of the log.</summary>
internal enum SealStatus
{
    /// <summary>No seal covers the event.</summary>
    Unsealed,

    /// <summary>A seal covers the event. The seals were not verified.</summary>
    Sealed,

    /// <summary>A seal covers the event, and the event is as it was sealed.</summary>
    Verified,

    /// <summary>
    /// A seal covers the event, but the verification has findings that concern all events, such as a seal with a wrong
    /// signature.
    /// </summary>
    Doubtful,

    /// <summary>The event was changed, inserted or restored after it was sealed, or cannot be read.</summary>
    Changed,
}
