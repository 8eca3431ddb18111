using Millrace.Storage;

namespace Millrace;

/// <summary>A dead letter with all that is known about it.</summary>
/// <param name="DeadLetter">The letter.</param>
/// <param name="Event">Its event as the log holds it; null when it was removed.</param>
/// <param name="Waiting">The first hundred that wait behind it, in the order of their events.</param>
/// <param name="WaitingCount">How many wait behind it.</param>
/// <param name="BlockedBy">The letter that it waits for itself; null when it is its turn.</param>
public sealed record DeadLetterView(
    DeadLetter DeadLetter,
    RecordedEvent? Event,
    IReadOnlyList<DeadLetter> Waiting,
    int WaitingCount,
    DeadLetter? BlockedBy)
{
    /// <summary>What it is handled with instead of its event's payload, CBOR as the JSON it means; null when nobody
    /// edited it.</summary>
    public ReadOnlyMemory<byte>? ReadableEdit => DeadLetter.EditedPayload is not { } edited
        ? default(ReadOnlyMemory<byte>?) // A bare null would become an empty payload, as an array's.
        : Event?.With(edited).ReadablePayload ?? edited;
}
