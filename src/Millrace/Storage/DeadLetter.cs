namespace Millrace.Storage;

/// <summary>An event that a consumer could not handle, or that waits behind such a one, so that order within its key is
/// kept.</summary>
/// <remarks>The event itself stays in the log alone. A letter is known by its consumer, partition, position and
/// key.</remarks>
public sealed record DeadLetter
{
    /// <summary>Its number, given by the storage and never given again; 0 for one that is not stored yet.</summary>
    public long Id { get; init; }

    /// <summary>Counts its changes, from 1; 0 for one that is not stored yet. A change is refused when the letter has
    /// moved on.</summary>
    public long Revision { get; init; }

    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The consumer's partition.</summary>
    public int Partition { get; init; }

    /// <summary>The event's position in the log.</summary>
    public required long Position { get; init; }

    /// <summary>
    /// The key within which order is kept: of a document, or what the consumer says; at most 512 characters. Empty when
    /// it cannot be known, as for an event that cannot be read: then its stream is held.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>The event's stream.</summary>
    public required StreamId Stream { get; init; }

    /// <summary>The event's version in its stream.</summary>
    public required long Version { get; init; }

    /// <summary>The stored name of the event's type.</summary>
    public required string EventType { get; init; }

    /// <summary>The event's id.</summary>
    public required Guid EventId { get; init; }

    /// <summary>How it stands.</summary>
    public required DeadLetterState State { get; init; }

    /// <summary>How many times it was tried; 0 for one that only waits.</summary>
    public int Attempts { get; init; }

    /// <summary>When it is tried next, with <see cref="DeadLetterState.RetryAt"/>.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>What kind of failure its last one was; null for one that was not tried.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>The same for all failures that look alike; null for one that was not tried.</summary>
    public string? Cause { get; init; }

    /// <summary>The CLR type of the last error.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What the last error said; at most 4,000 characters.</summary>
    public string? Message { get; init; }

    /// <summary>Where it was thrown; at most 16,000 characters.</summary>
    public string? Stack { get; init; }

    /// <summary>When it first failed.</summary>
    public DateTimeOffset? FirstFailedAt { get; init; }

    /// <summary>When it last failed.</summary>
    public DateTimeOffset? LastFailedAt { get; init; }

    /// <summary>The payload to handle instead of the one in the log, which stays as it is; null when nobody edited
    /// it.</summary>
    public ReadOnlyMemory<byte>? EditedPayload { get; init; }

    /// <summary>What was decided, if anything was.</summary>
    public DeadLetterDecision? Decision { get; init; }

    /// <summary>Who decided or edited last.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Whether later events of its key wait for it.</summary>
    public bool IsOpen => State <= DeadLetterState.Released;

    /// <summary>The states of open letters.</summary>
    internal static IReadOnlyList<DeadLetterState> OpenStates { get; } =
        [DeadLetterState.RetryAt, DeadLetterState.Parked, DeadLetterState.Waiting, DeadLetterState.Released];

    /// <summary>
    /// What is left of an open letter when its consumer is set back and its event comes again: as skipped or corrected,
    /// where somebody decided so; null for nothing.
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
