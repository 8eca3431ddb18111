namespace Millrace.Messaging;

/// <summary>
/// The body of a message lies apart from it and is not there, or is not what was sent. The message is kept with its
/// reference and parked as a dead letter: bring the body back, or have the message sent again, and retry.
/// </summary>
/// <param name="message">The message.</param>
/// <param name="reference">By what its body is found.</param>
/// <param name="problem">What is wrong.</param>
public sealed class MessageBodyException(string message, string reference, string problem)
    : MillraceException($"The body of the message {message} cannot be had: {problem} Its reference is '{reference}'.")
{
    /// <summary>By what the body is found, as it stands in the message.</summary>
    public string Reference { get; } = reference;
}
