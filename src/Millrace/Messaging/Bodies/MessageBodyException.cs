namespace Millrace.Messaging;

/// <summary>
/// Thrown when the separately stored body of a message is missing, or differs from the sent body. Millrace parks the
/// message with its reference as a dead letter. Restore the body, or have the message sent again, and retry.
/// </summary>
/// <param name="message">The type, id and source of the message whose body cannot be loaded.</param>
/// <param name="reference">The reference of the message's body.</param>
/// <param name="problem">The problem.</param>
public sealed class MessageBodyException(string message, string reference, string problem)
    : MillraceException(
        $"The body of the message {message} cannot be loaded: {problem} Its reference is '{reference}'.")
{
    /// <summary>Gets the reference of the body, as it is written in the message.</summary>
    public string Reference { get; } = reference;
}
