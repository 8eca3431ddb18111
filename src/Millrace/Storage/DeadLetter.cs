namespace Millrace.Storage;

/// <summary>
/// An event that a consumer could not handle, or an event that waits for such an event because both have the same key.
/// </summary>
/// <remarks>
/// A dead letter does not contain the event, which remains in the log. The consumer, partition, position and key
/// identify a dead letter.
/// </remarks>
public sealed record DeadLetter
{
    /// <summary>
    /// Gets the number, which the storage assigns and never reuses; 0 for a dead letter that is not stored yet. With
    /// shards, the services of the application return ids that are unique in all shards.
    /// </summary>
    public long Id { get; init; }

    /// <summary>
    /// Gets the name of the shard that contains the dead letter, if a service of an application with shards returned
    /// it; otherwise null.
    /// </summary>
    public string? Shard { get; init; }

    /// <summary>
    /// Gets the revision, which starts with 1 and increases with each change; 0 for a dead letter that is not stored
    /// yet. A change that is based on an older revision is refused.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Gets the consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>Gets the partition of the consumer.</summary>
    public int Partition { get; init; }

    /// <summary>Gets the position of the event in the log.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the key whose events the consumer handles in order, with at most 512 characters. This is the key of a
    /// document, or a key that the consumer defines. If the key is unknown, for example because the event cannot be
    /// read, it is empty and the whole stream waits.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>Gets the stream of the event.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>Gets the version of the event in its stream.</summary>
    public required long Version { get; init; }

    /// <summary>Gets the stored name of the event's type.</summary>
    public required string EventType { get; init; }

    /// <summary>Gets the id of the event.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Gets the state.</summary>
    public required DeadLetterState State { get; init; }

    /// <summary>Gets the number of attempts; 0 for an event that has only waited.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets the time of the next attempt, in the state <see cref="DeadLetterState.RetryAt"/>.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Gets the class of the last failure; null if the event has not been tried.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>
    /// Gets the cause, which is the same for all similar failures; null if the event has not been tried.
    /// </summary>
    public string? Cause { get; init; }

    /// <summary>Gets the CLR type of the last error.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Gets the message of the last error; at most 4,000 characters.</summary>
    public string? Message { get; init; }

    /// <summary>Gets the stack trace of the last error; at most 16,000 characters.</summary>
    public string? Stack { get; init; }

    /// <summary>Gets the time of the first failure.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>Gets the time of the last failure.</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>
    /// Gets the edited payload, which the consumer handles instead of the payload in the log; null if no user edited
    /// it. The payload in the log does not change.
    /// </summary>
    public ReadOnlyMemory<byte>? EditedPayload { get; init; }

    /// <summary>Gets the decision of an operator; null if there is no decision.</summary>
    public DeadLetterDecision? Decision { get; init; }

    /// <summary>Gets the user who made the last decision or edit.</summary>
    public string? User { get; init; }

    /// <summary>Gets the reason for the decision.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the time of the decision.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Gets whether later events of the key wait for this event.</summary>
    public bool IsOpen => State <= DeadLetterState.Released;

    /// <summary>Gets the states of open dead letters.</summary>
    internal static IReadOnlyList<DeadLetterState> OpenStates { get; } =
        [DeadLetterState.RetryAt, DeadLetterState.Parked, DeadLetterState.Waiting, DeadLetterState.Released];

    /// <summary>
    /// Returns the dead letter to store instead of this open dead letter when its consumer is reset and handles the
    /// event again. A decision of an operator to skip or to correct the event remains. Otherwise returns null, because
    /// the dead letter is removed.
    /// </summary>
    public DeadLetter? AfterReset() =>
        State == DeadLetterState.Released && Decision == DeadLetterDecision.Skip
            ? this with
            {
                State = DeadLetterState.Skipped,
            }
        : EditedPayload is not null ? this with { State = DeadLetterState.Corrected, RetryAt = null }
        : null;
}
