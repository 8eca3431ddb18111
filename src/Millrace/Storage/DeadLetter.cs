namespace Millrace.Storage;

/// <summary>
/// An event that a consumer could not handle, or that waits behind such an event so that the order within its key is
/// kept.
/// </summary>
/// <remarks>
/// The event itself stays only in the log. A dead letter is identified by its consumer, partition, position and key.
/// </remarks>
public sealed record DeadLetter
{
    /// <summary>
    /// Gets the number, assigned by the storage and never reused; 0 for a dead letter that is not stored yet.
    /// </summary>
    public long Id { get; init; }

    /// <summary>
    /// Gets the revision, a count of the changes from 1; 0 for a dead letter that is not stored yet. A change of an
    /// outdated revision is refused.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Gets the consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>Gets the partition of the consumer.</summary>
    public int Partition { get; init; }

    /// <summary>Gets the position of the event in the log.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// Gets the key within which order is kept: of a document, or as the consumer defines it; at most 512 characters.
    /// Empty if it is unknown, as for an event that cannot be read: then the whole stream is blocked.
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

    /// <summary>Gets the number of attempts; 0 for an event that only waits.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets the time of the next attempt, in the state <see cref="DeadLetterState.RetryAt"/>.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Gets the class of the last failure; null if there was no attempt.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>Gets the cause, which is the same for all similar failures; null if there was no attempt.</summary>
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
    /// Gets the payload to handle instead of the one in the log, which stays unchanged; null if it was not edited.
    /// </summary>
    public ReadOnlyMemory<byte>? EditedPayload { get; init; }

    /// <summary>Gets the decision, if there is one.</summary>
    public DeadLetterDecision? Decision { get; init; }

    /// <summary>Gets the user of the last decision or edit.</summary>
    public string? By { get; init; }

    /// <summary>Gets the reason for the decision.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the time of the decision.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Gets whether later events of the key wait for this one.</summary>
    public bool IsOpen => State <= DeadLetterState.Released;

    /// <summary>Gets the states of open dead letters.</summary>
    internal static IReadOnlyList<DeadLetterState> OpenStates { get; } =
        [DeadLetterState.RetryAt, DeadLetterState.Parked, DeadLetterState.Waiting, DeadLetterState.Released];

    /// <summary>
    /// Returns the state of an open dead letter after its consumer is reset, so that its event is handled again:
    /// skipped or corrected if an operator decided that, otherwise null for no dead letter.
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
