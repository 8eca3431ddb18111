namespace Millrace.Storage;

/// <summary>
/// The facts of the store that are needed to decide a batch. The storage holds the log's lock while it reads them.
/// </summary>
/// <remarks>
/// An embedded storage reads each fact on demand. A remote storage reads all facts of the batch before the decision.
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

    /// <summary>Finds the id of the event at a version of a stream; null if there is no such event.</summary>
    Guid? FindEventId(StreamId stream, long version);

    /// <summary>Finds the version of the event with an id in a stream; 0 if there is no such event.</summary>
    long FindVersion(StreamId stream, Guid eventId);

    /// <summary>Gets the position of the event at a version of a stream.</summary>
    long GetPosition(StreamId stream, long version);

    /// <summary>
    /// Finds the first position after <paramref name="after"/> with a matching event; 0 if there is no such event.
    /// </summary>
    long FindFirstMatch(EventFilter filter, long after);

    /// <summary>Finds the owner of a unique value; null if the value has no owner.</summary>
    string? FindClaim(string scope, string value);

    /// <summary>
    /// Finds the stored answer to a command or message that was handled, by its id. Returns null if the id was not
    /// handled, or if its time window has expired at <paramref name="now"/>.
    /// </summary>
    HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now);

    /// <summary>
    /// Gets the greatest version that a document of any collection ever had, including removed documents; 0 if there
    /// was never a document. The documents of the batch get the next versions. A storage that uses a database sequence
    /// may leave gaps.
    /// </summary>
    long LastDocumentVersion { get; }

    /// <summary>Gets the version of a document; 0 if it does not exist.</summary>
    long GetDocumentVersion(string collection, string key);

    /// <summary>
    /// Gets the lease and checkpoint of a consumer's partition. If the partition does not exist, the epoch is 0 and the
    /// checkpoint is null.
    /// </summary>
    CheckpointFact GetCheckpoint(string consumer, int partition);

    /// <summary>
    /// Gets the dead letter of an event and key. If it does not exist, the number and the revision are 0.
    /// </summary>
    DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key);
}

/// <summary>The stored state of a dead letter.</summary>
/// <param name="Id">The number.</param>
/// <param name="Revision">The revision, which increases with each change.</param>
public readonly record struct DeadLetterFact(long Id, long Revision);

/// <summary>The lease and checkpoint of a consumer's partition.</summary>
/// <param name="LeaseEpoch">The current lease epoch.</param>
/// <param name="Position">The checkpoint; null if no checkpoint was ever stored. The value 0 is a stored
/// checkpoint.</param>
public readonly record struct CheckpointFact(long LeaseEpoch, long? Position);
