namespace Millrace.Storage;

/// <summary>What stands in the store while a batch is decided, read under the log's lock.</summary>
/// <remarks>
/// An embedded storage looks each fact up when it is asked for; a remote one reads all that the batch asks about
/// beforehand.
/// </remarks>
public interface ICommitFacts
{
    /// <summary>The last position of the log.</summary>
    long LastPosition { get; }

    /// <summary>The time recorded at the last position; <see cref="DateTimeOffset.MinValue"/> for an empty
    /// log.</summary>
    DateTimeOffset LastTimestamp { get; }

    /// <summary>The state of a stream.</summary>
    StreamHead GetStream(StreamId stream);

    /// <summary>The id of the event at a version of a stream, or null.</summary>
    Guid? FindEventId(StreamId stream, long version);

    /// <summary>The version of a stream at which an event id stands, or 0.</summary>
    long FindVersion(StreamId stream, Guid eventId);

    /// <summary>The position of the event at a version of a stream.</summary>
    long GetPosition(StreamId stream, long version);

    /// <summary>The first position after <paramref name="after"/> with an event that matches, or 0.</summary>
    long FindFirstMatch(EventFilter filter, long after);

    /// <summary>Who holds a unique value, or null.</summary>
    string? FindClaim(string scope, string value);

    /// <summary>
    /// The answer kept for a handled id, or null when it was not handled or its window has passed at
    /// <paramref name="now"/>.
    /// </summary>
    HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now);

    /// <summary>
    /// The greatest version that a document was ever given, of any collection, removed ones included; 0 when none was.
    /// What the batch writes gets the ones behind it. A storage that takes numbers from a sequence may leave gaps.
    /// </summary>
    long LastDocumentVersion { get; }

    /// <summary>The version of a document; 0 when it does not exist.</summary>
    long GetDocumentVersion(string collection, string key);

    /// <summary>The lease and checkpoint of a consumer's partition; epoch 0 and no checkpoint when there is
    /// none.</summary>
    CheckpointFact GetCheckpoint(string consumer, int partition);

    /// <summary>The dead letter of an event and key; number and revision 0 when there is none.</summary>
    DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key);
}

/// <summary>A dead letter as it stands.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Revision">Counts its changes.</param>
public readonly record struct DeadLetterFact(long Id, long Revision);

/// <summary>The lease and checkpoint of a consumer's partition.</summary>
/// <param name="LeaseEpoch">The lease epoch that holds.</param>
/// <param name="Position">The checkpoint; null when none was ever stored, which is not the same as 0.</param>
public readonly record struct CheckpointFact(long LeaseEpoch, long? Position);
