namespace Millrace.Consuming;

/// <summary>
/// Thrown when the handling of one event failed and the event cannot be taken out of its batch. Contains the event, so
/// that the consumer can finish the earlier events and report this one.
/// </summary>
internal sealed class EventFailedException(RecordedEvent recorded, Exception innerException, bool areEarlierDone)
    : MillraceException(innerException.Message, innerException)
{
    public RecordedEvent Recorded { get; } = recorded;

    /// <summary>
    /// Gets whether the effects of all events before this one have happened and must not be repeated.
    /// </summary>
    public bool AreEarlierDone { get; } = areEarlierDone;
}
