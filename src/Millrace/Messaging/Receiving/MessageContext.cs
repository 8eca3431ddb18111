using Millrace.Storage;

namespace Millrace.Messaging;

/// <summary>A message that is being handled, and what is committed with the note that it was.</summary>
public sealed class MessageContext
{
    internal MessageContext(Message message, AppendRequest effect) => (Message, Effect) = (message, effect);

    /// <summary>The message.</summary>
    public Message Message { get; }

    /// <summary>
    /// What is to be written: events, conditions, claims; and SQL, by <see cref="Statement"/>. It is committed when the
    /// handler returns, in one transaction with the note that the message was handled: so it is written once, however
    /// often the message comes.
    /// </summary>
    public AppendRequest Effect { get; }

    /// <summary>
    /// Runs SQL of your own in the same transaction: rows in tables of yours are written once, however often the
    /// message comes.
    /// </summary>
    /// <remarks>
    /// Several messages with SQL may share the transaction: leave behind no settings, locks or temporary tables that
    /// are meant to end with it. A storage without SQL, as the one in memory, refuses it
    /// (<see cref="StorageProblem.Statement"/>).
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

    /// <summary>Whether it was handled before, as a command tells.</summary>
    internal bool WasRepeated { get; set; }
}
