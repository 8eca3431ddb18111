using Millrace.Storage;

namespace Millrace.Messaging;

/// <summary>A message that is being handled, and the writes that are committed with its inbox entry.</summary>
public sealed class MessageContext
{
    internal MessageContext(Message message, AppendRequest effect)
    {
        Message = message;
        Effect = effect;
    }

    /// <summary>Gets the message.</summary>
    public Message Message { get; }

    /// <summary>
    /// Gets the writes: events, conditions and claims; SQL is added by <see cref="Statement"/>. They are committed when
    /// the handler returns, in one transaction with the inbox entry of the message. They are therefore written once,
    /// however often the message is delivered.
    /// </summary>
    public AppendRequest Effect { get; }

    /// <summary>
    /// Runs an SQL statement in the same transaction: rows in your own tables are written once, however often the
    /// message is delivered.
    /// </summary>
    /// <remarks>
    /// Several messages with SQL may share the transaction: do not rely on its end for settings, locks or temporary
    /// tables. A storage without SQL, such as the in-memory one, refuses it (<see cref="StorageProblem.Statement"/>).
    /// </remarks>
    /// <param name="sql">A statement in the database's own SQL, with <c>?</c> or <c>@name</c> parameters.</param>
    /// <param name="parameters">Their values, in order.</param>
    public MessageContext Statement(string sql, params IReadOnlyList<object?> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(parameters);
        Effect.With(new SqlStatement(sql, parameters));
        return this;
    }

    /// <summary>Gets or sets whether the message was handled before, as reported by a command.</summary>
    internal bool WasRepeated { get; set; }
}
