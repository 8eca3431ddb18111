namespace Millrace.Messaging;

/// <summary>A message that a receiver cannot understand: it is no message, of an unknown type, or its body does not fit
/// its type.</summary>
public sealed class MessageUnreadableException(string receiver, string message, string problem)
    : MillraceException($"Receiver '{receiver}' cannot read the message {message}: {problem}")
{
    /// <summary>The receiver's name.</summary>
    public string Receiver { get; } = receiver;

    /// <summary>Why the message cannot be read.</summary>
    public string Problem { get; } = problem;
}
