namespace Millrace.Messaging;

/// <summary>
/// Thrown when a receiver cannot read a message, because it is not a CloudEvent, its type is unknown, or its body does
/// not fit the type.
/// </summary>
public sealed class MessageUnreadableException(string receiver, string message, string problem)
    : MillraceException($"Receiver '{receiver}' cannot read the message {message}: {problem}")
{
    /// <summary>Gets the receiver's name.</summary>
    public string Receiver { get; } = receiver;

    /// <summary>Gets the reason why the message cannot be read.</summary>
    public string Problem { get; } = problem;
}
