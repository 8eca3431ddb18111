namespace Millrace.Storage;

/// <summary>The facts of the store for deciding a batch, read under the log's lock.</summary>
/// <remarks>
/// An embedded storage reads each fact on demand; a remote one reads all facts of the batch beforehand.
/// </remarks>
public interface ICommitFacts
{
    /// <summary>Gets the last position of the log.</summary>
    long LastPosition { get; }

    /// <summary>
    /// Gets the time recorded at the last position; <see cref="DateTimeOffset.MinValue"/> for an empty log.
    /// </summary>
    DateTimeOffset LastTimestamp { get; }

    /// <summary>Gets the head of a stream.</summary>
    StreamHead GetStream(StreamId stream);

    /// <summary>Finds the id of the event at a version of a stream; null if there is none.</summary>
    Guid? FindEventId(StreamId stream, long version);

    /// <summary>Finds the version of an event id in a stream; 0 if there is none.</summary>
    long FindVersion(StreamId stream, Guid eventId);

    /// <summary>Gets the position of the event at a version of a stream.</summary>
    long GetPosition(StreamId stream, long version);

    /// <summary>
    /// Finds the first position after <paramref name="after"/> with a matching event; 0 if there is none.
    /// </summary>
    long FindFirstMatch(EventFilter filter, long after);

    /// <summary>Finds the owner of a unique value; null if there is none.</summary>
    string? FindClaim(string scope, string value);

    /// <summary>
    /// Finds the answer that is stored for a handled id; null if it was not handled, or if its window has passed at
    /// <paramref name="now"/>.
    /// </summary>
    HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now);

    /// <summary>
    /// Gets the greatest version that any document of any collection ever had, including removed ones; 0 if there were
    /// none. The batch's documents get the versions after it. A storage that takes versions from a sequence may leave
    /// gaps.
    /// </summary>
    long LastDocumentVersion { get; }

    /// <summary>Gets the version of a document; 0 if it does not exist.</summary>
    long GetDocumentVersion(string collection, string key);

    /// <summary>
    /// Gets the lease and checkpoint of a consumer's partition; epoch 0 and no checkpoint if it does not exist.
    /// </summary>
    CheckpointFact GetCheckpoint(string consumer, int partition);

    /// <summary>Gets the dead letter of an event and key; number and revision 0 if it does not exist.</summary>
    DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key);
}

/// <summary>The stored state of a dead letter.</summary>
/// <param name="Id">The number.</param>
/// <param name="Revision">The revision, a count of the changes.</param>
public readonly record struct DeadLetterFact(long Id, long Revision);

/// <summary>The lease and checkpoint of a consumer's partition.</summary>
/// <param name="LeaseEpoch">The current lease epoch.</param>
/// <param name="Position">The checkpoint; null if none was ever stored, which differs from 0.</param>
public readonly record struct CheckpointFact(long LeaseEpoch, long? Position);
