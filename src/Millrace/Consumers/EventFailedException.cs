namespace Millrace;

/// <summary>
/// Handling one event failed, and it cannot be taken out of its batch. Tells the consumer which, so that it can finish
/// what comes before and name it.
/// </summary>
internal sealed class EventFailedException(RecordedEvent recorded, Exception innerException, bool isRestDone)
    : MillraceException(innerException.Message, innerException)
{
    public RecordedEvent Recorded { get; } = recorded;

    /// <summary>Whether the effects of all events before this one have happened, and must not be repeated.</summary>
    public bool IsRemainderDone { get; } = isRestDone;
}
