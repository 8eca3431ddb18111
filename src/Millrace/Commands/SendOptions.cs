using System.Security.Claims;

namespace Millrace;

/// <summary>What is said with a command beyond its data. Immutable.</summary>
public sealed record SendOptions
{
    /// <summary>
    /// The same for every try of one command, at most 256 characters; null for none. A repetition within <see
    /// cref="CommandOptions.IdempotencyWindow"/> gets the first answer, and nothing is done again. Keys of different
    /// commands and users are different. A command that failed left no answer, and its key can be used again.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// On whose behalf it is sent, for authorizers; its subject is noted on the events unless <see cref="Metadata"/>
    /// names a user.
    /// </summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>What is noted on the command's events; nothing by default.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>The conversation that it belongs to; by default one of its own.</summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>The id of the event or message that caused the command; noted on its events. The command's own id by
    /// default.</summary>
    public Guid? CausationId { get; init; }

    /// <summary>
    /// How often and how fast it is tried again after a conflict; as the command or <see cref="CommandOptions.Retry"/>
    /// says by default.
    /// </summary>
    public ConflictRetry? Retry { get; init; }

    /// <summary>
    /// Until when a copy of the command may come by itself: what it is answered when it is done is kept until then at
    /// least, and a refusal as well, as who has told one may not do what a copy asks for. Null where none comes: then
    /// no refusal is kept.
    /// </summary>
    internal DateTimeOffset? RedeliveryDeadline { get; init; }

    /// <summary>What is committed with the command, of a timer or a process that sends it; null for commands of
    /// users.</summary>
    internal CommandEnlistment? Enlistment { get; init; }
}
