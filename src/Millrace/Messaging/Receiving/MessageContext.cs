using Millrace.Storage;

namespace Millrace.Messaging;

/// <summary>
/// The message that a handler handles, and the writes that are committed with the message's inbox entry.
/// </summary>
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
    /// Gets the writes, which are events, conditions and claims. <see cref="Statement"/> adds SQL. When the handler
    /// returns, Millrace commits them in one transaction with the inbox entry of the message. They are therefore
    /// written once, even if the message is delivered several times.
    /// </summary>
    public AppendRequest Effect { get; }

    /// <summary>
    /// Runs an SQL statement in the same transaction. The statement writes rows in your own tables once, even if the
    /// message is delivered several times.
    /// </summary>
    /// <remarks>
    /// Several messages with SQL may share the transaction. Do not rely on the end of the transaction to reset
    /// settings, release locks or drop temporary tables. A storage without SQL, such as the in-memory one, refuses it
    /// (<see cref="StorageProblem.Statement"/>).
    /// </remarks>
    /// <param name="sql">A statement in the database's own SQL, with <c>?</c> or <c>@name</c> parameters.</param>
    /// <param name="parameters">The values of the parameters, in order.</param>
    public MessageContext Statement(string sql, params IReadOnlyList<object?> parameters)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        ArgumentNullException.ThrowIfNull(parameters);
        Effect.With(new SqlStatement(sql, parameters));
        return this;
    }

    /// <summary>Gets or sets whether a command reported that the message was handled before.</summary>
    internal bool WasRepeated { get; set; }
}
