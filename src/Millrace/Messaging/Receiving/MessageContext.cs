namespace Millrace.Messaging;

/// <summary>A message that is being handled, and what is committed with the note that it was.</summary>
public sealed class MessageContext
{
    internal MessageContext(Message message, AppendRequest effect) => (Message, Effect) = (message, effect);

    /// <summary>The message.</summary>
    public Message Message { get; }

    /// <summary>
    /// What is to be written: events, conditions, claims. It is committed when the handler returns, in one transaction with the note that
    /// the message was handled: so it is written once, however often the message comes.
    /// </summary>
    public AppendRequest Effect { get; }

    /// <summary>Whether it was handled before, as a command tells.</summary>
    internal bool WasRepeated { get; set; }
}
