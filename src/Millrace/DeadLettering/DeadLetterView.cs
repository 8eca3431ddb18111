using Millrace.Storage;

namespace Millrace;

/// <summary>A dead letter with its event and the dead letters that wait for it.</summary>
/// <param name="DeadLetter">The dead letter.</param>
/// <param name="Event">The event as stored in the log; null if it was removed.</param>
/// <param name="Waiting">The first hundred dead letters that wait for this one, in the order of their events.</param>
/// <param name="WaitingCount">The number of dead letters that wait for this one.</param>
/// <param name="BlockedBy">The dead letter for which this one waits; null if it is the first of its key.</param>
public sealed record DeadLetterView(
    DeadLetter DeadLetter,
    RecordedEvent? Event,
    IReadOnlyList<DeadLetter> Waiting,
    int WaitingCount,
    DeadLetter? BlockedBy)
{
    /// <summary>
    /// Gets the edited payload that replaces the event's payload, with CBOR converted to JSON; null if the payload was
    /// not edited.
    /// </summary>
    public ReadOnlyMemory<byte>? ReadableEdit => DeadLetter.EditedPayload is not { } edited
        ? default(ReadOnlyMemory<byte>?) // A plain null would become an empty payload.
        : Event?.With(edited).ReadablePayload ?? edited;
}
