using System.Security.Claims;
using Millrace.Commands;

namespace Millrace;

/// <summary>Options for sending a command. Immutable.</summary>
public sealed record SendOptions
{
    /// <summary>
    /// Gets the key that is the same for every attempt to send one command, at most 256 characters; null for no key. A
    /// repetition within <see cref="CommandOptions.IdempotencyWindow"/> gets the first answer and has no effect. Each
    /// command type and user has separate keys. A command that failed stores no answer, so its key can be used again.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>
    /// Gets the user on whose behalf the command is sent, for authorizers. The subject of the user is recorded on the
    /// events unless <see cref="Metadata"/> names a user.
    /// </summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>
    /// Gets the place from which the command came, for the audit trail; null if it is unknown. Endpoints set it.
    /// </summary>
    public AuditOrigin? Origin { get; init; }

    /// <summary>Gets the metadata of the command's events; none by default.</summary>
    public EventMetadata? Metadata { get; init; }

    /// <summary>
    /// Gets the id of the command. By default, the bus creates a new id. Sending a command again with the same id does
    /// not make it a repetition, but lets external services recognize it. An idempotency key determines the id.
    /// </summary>
    public Guid? CommandId { get; init; }

    /// <summary>
    /// Gets the id of the conversation that the command belongs to. By default, the bus creates a new id.
    /// </summary>
    public Guid? CorrelationId { get; init; }

    /// <summary>
    /// Gets the id of the event or message that caused the command, which is recorded on its events. By default, this
    /// is the id of the command.
    /// </summary>
    public Guid? CausationId { get; init; }

    /// <summary>
    /// Gets the retry policy after a conflict. The default is the policy of the command, or
    /// <see cref="CommandOptions.Retry"/>.
    /// </summary>
    public ConflictRetry? Retry { get; init; }

    /// <summary>
    /// Gets whether only this node can handle the command. This is the case for a command of a timer, a process or a
    /// received message, because its commit includes writes of this node.
    /// </summary>
    public bool IsBoundToNode => Enlistment is not null || RedeliveryDeadline is not null;

    /// <summary>
    /// Gets the time until which a duplicate of the command may be redelivered. The answer is stored at least until
    /// this time. A refusal is also stored, so that a duplicate cannot succeed after the sender received the refusal.
    /// Null if no duplicate can be redelivered, so that no refusal is stored.
    /// </summary>
    internal DateTimeOffset? RedeliveryDeadline { get; init; }

    /// <summary>
    /// Gets the writes that a timer or a process commits with its command; null for commands of users.
    /// </summary>
    internal CommandEnlistment? Enlistment { get; init; }
}
